from django.db import migrations

from audit.guards import audit_required


class Migration(migrations.Migration):
    dependencies = [("lifecycle", "0001_initial"), ("audit", "0001_initial")]
    operations = [
        audit_required("lifecycle_creation", deciding=["server_id", "purchase_id"], inserts=False),
        audit_required("lifecycle_suspension"),
        audit_required(
            "lifecycle_serverdeletion",
            deciding=["server_id", "due_at", "called_off_at", "finished_at"],
        ),
    ]
