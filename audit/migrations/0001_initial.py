from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL((SQL / "log.sql").read_text()),
        migrations.RunSQL((SQL / "append.sql").read_text()),
        migrations.RunSQL((SQL / "guards.sql").read_text()),
        migrations.CreateModel(
            name="AuditEvent",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "stream_id", "seq", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("stream_id", models.UUIDField()),
                ("seq", models.BigIntegerField()),
                ("leaf", models.BinaryField()),
                ("leaf_hash", models.BinaryField()),
                ("filed_as", models.TextField()),
                ("filed_by", models.TextField()),
                ("filed_at", models.DateTimeField()),
            ],
            options={"db_table": "audit_event", "managed": False},
        ),
        migrations.CreateModel(
            name="AuditPrivate",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "stream_id", "seq", "field", blank=True, editable=False, primary_key=True,
                        serialize=False,
                    ),
                ),
                ("stream_id", models.UUIDField()),
                ("seq", models.BigIntegerField()),
                ("field", models.TextField()),
                ("sealed", models.BinaryField()),
                ("mark", models.BinaryField()),
            ],
            options={"db_table": "audit_private", "managed": False},
        ),
        migrations.CreateModel(
            name="AuditStream",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("size", models.BigIntegerField()),
                ("frontier", models.BinaryField()),
                ("last_at", models.DateTimeField()),
            ],
            options={"db_table": "audit_stream", "managed": False},
        ),
    ]
