from django.db import migrations

from audit.guards import audit_required


class Migration(migrations.Migration):
    dependencies = [("membership", "0001_initial"), ("audit", "0001_initial")]
    operations = [
        audit_required(
            "membership_joinrequest",
            deciding=["server_id", "handle", "decision"],
            inserts=False,
            deletes=False,
        ),
        audit_required("membership_membership"),
    ]
