from pathlib import Path

from django.db import migrations

from audit.guards import audit_required

PARTITIONS = Path(__file__).parent.parent / "sql" / "partitions.sql"


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("content", "0001_initial")]
    operations = [
        migrations.RunSQL(PARTITIONS.read_text(), migrations.RunSQL.noop),
        audit_required(
            "content_deletionorder",  # not its progress: a purge batch is work, not an act
            deciding=[
                "server_id",
                "number",
                "author",
                "kind",
                "object_id",
                "expires_on",
                "cutoff_at",
                "placed_at",
                "previewed",
                "finished_at",
            ],
        ),
        audit_required(
            "content_gate", deciding=["floor", "held_since", "room_bytes"], inserts=False
        ),
        audit_required("content_cutoff"),
        audit_required("content_receipt"),
    ]
