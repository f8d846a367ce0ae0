from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [
        migrations.RunSQL((SQL / "tree_guards.sql").read_text()),
        migrations.RunSQL((SQL / "checkpoints.sql").read_text()),
        migrations.CreateModel(
            name="AuditCheckpoint",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "stream_id",
                        "origin",
                        "size",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("stream_id", models.UUIDField()),
                ("origin", models.TextField()),
                ("size", models.BigIntegerField()),
                ("root", models.BinaryField()),
                ("note", models.TextField()),
                ("signed_at", models.DateTimeField()),
            ],
            options={"db_table": "audit_checkpoint", "managed": False},
        ),
    ]
