from pathlib import Path

from django.db import migrations

from audit.guards import audit_required

FORGETTING = Path(__file__).parent.parent / "sql" / "forgetting.sql"
AS_BEFORE = migrations.RunSQL.noop
DECIDING = [
    "server_id",
    "number",
    "author",
    "kind",
    "object_id",
    "expires_on",
    "cutoff_at",
    "by_age",
    "placed_at",
    "previewed",
    "paused_at",
    "aborted_at",
    "finished_at",
]


class Migration(migrations.Migration):
    dependencies = [("content", "0030_retention_and_erasing")]
    operations = [
        migrations.RunSQL("DROP TRIGGER audit_required ON content_deletionorder", AS_BEFORE),
        migrations.RunSQL("DROP TRIGGER audit_required ON content_cutoff", AS_BEFORE),
        audit_required("content_deletionorder", deciding=DECIDING, deletes=False),
        audit_required("content_cutoff", deletes=False),
        migrations.RunSQL(FORGETTING.read_text(), AS_BEFORE),
    ]
