from django.db import migrations

from audit.guards import audit_required


class Migration(migrations.Migration):
    dependencies = [("servers", "0011_customers"), ("audit", "0001_initial")]
    operations = [
        audit_required("servers_plan"),
        audit_required(
            "servers_procurement",
            deciding=["purchase_id", "decision", "decided_at", "answer"],
            inserts=False,
            deletes=False,
        ),
        audit_required(
            "servers_subscription",
            deciding=["purchase_id", "plan_id", "seats", "total_cents", "currency"],
            inserts=False,
            deletes=False,
        ),
    ]
