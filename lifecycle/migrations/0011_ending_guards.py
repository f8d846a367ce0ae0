from django.db import migrations

from audit.guards import audit_required

DECIDING = [
    "server_id",
    "party",
    "code",
    "due_at",
    "needs_two",
    "at_once",
    "agreed_at",
    "called_off_at",
    "finished_at",
]
AS_BEFORE = (
    "CREATE CONSTRAINT TRIGGER audit_required AFTER INSERT OR DELETE OR"
    " UPDATE OF server_id, due_at, called_off_at, finished_at ON lifecycle_serverdeletion"
    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_required()"
)


class Migration(migrations.Migration):
    dependencies = [("lifecycle", "0010_endings"), ("audit", "0005_closing")]
    operations = [
        audit_required("lifecycle_hold"),
        audit_required("lifecycle_restriction"),
        audit_required("lifecycle_retirement"),
        audit_required("lifecycle_serverreceipt"),
        migrations.RunSQL("DROP TRIGGER audit_required ON lifecycle_serverdeletion", AS_BEFORE),
        audit_required("lifecycle_serverdeletion", deciding=DECIDING),
    ]
