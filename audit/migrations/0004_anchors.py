from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent.parent / "sql"


def key(*columns: str) -> models.CompositePrimaryKey:
    return models.CompositePrimaryKey(
        *columns, blank=True, editable=False, primary_key=True, serialize=False
    )


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_erasure")]
    operations = [
        migrations.RunSQL((SQL / "anchors.sql").read_text()),
        migrations.CreateModel(
            name="AuditAnchored",
            fields=[
                ("pk", key("stream_id", "entry")),
                ("stream_id", models.UUIDField()),
                ("entry", models.BigIntegerField()),
                ("size", models.BigIntegerField()),
                ("frontier", models.BinaryField()),
                ("at", models.DateTimeField()),
            ],
            options={"db_table": "audit_anchored", "managed": False},
        ),
        migrations.CreateModel(
            name="AuditCosignature",
            fields=[
                ("pk", key("origin", "size", "witness")),
                ("stream_id", models.UUIDField()),
                ("origin", models.TextField()),
                ("size", models.BigIntegerField()),
                ("witness", models.TextField()),
                ("line", models.TextField()),
                ("at", models.DateTimeField()),
            ],
            options={"db_table": "audit_cosignature", "managed": False},
        ),
    ]
