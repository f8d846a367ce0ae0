import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import enigm_command.lib.clock
import enigm_command.lib.fields
from enigm_command.lib.vault import PLATFORM


class Migration(migrations.Migration):
    dependencies = (("accounts", "0002_confirmations"),)

    operations = (
        migrations.CreateModel(
            name="Session",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("digest", models.BinaryField(max_length=32, unique=True)),
                ("contents", enigm_command.lib.fields.SealedText(scope=PLATFORM)),
                ("began_at", models.DateTimeField(db_default=enigm_command.lib.clock.ClockNow())),
                ("seen_at", models.DateTimeField(db_default=enigm_command.lib.clock.ThisMinute())),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="KnownBrowser",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("mark", models.BinaryField(max_length=16)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="known_browsers",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("account", "mark"), name="browser_known_once")
                ]
            },
        ),
    )
