import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

from audit.guards import audit_required
from enigm_command.lib.clock import LONG_AGO, ClockNow
from enigm_command.lib.fields import SealedText
from enigm_command.lib.vault import PLATFORM


class Migration(migrations.Migration):
    dependencies = (("accounts", "0003_sessions"), ("audit", "0001_initial"))

    operations = (
        migrations.CreateModel(
            name="Mail",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("address", SealedText(scope=PLATFORM)),
                ("letter", SealedText(scope=PLATFORM)),
                ("posted_at", models.DateTimeField(db_default=ClockNow())),
                ("lease_until", models.DateTimeField(default=LONG_AGO)),
                ("fence", models.BigIntegerField(default=0)),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="NewAddress",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("address", SealedText(scope=PLATFORM)),
                ("asked_at", models.DateTimeField(db_default=ClockNow())),
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="new_address",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=30)),
                ("server_id", models.UUIDField(null=True)),
                ("facts", SealedText(scope=PLATFORM)),
                ("at", models.DateTimeField(db_default=ClockNow())),
                ("read_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["account", "-at"], name="notice_newest_first")]
            },
        ),
        migrations.AddField("account", "closed_at", models.DateTimeField(null=True)),
        migrations.AddConstraint(
            "account",
            models.CheckConstraint(
                name="account_closed_keeps_nothing",
                condition=Q(closed_at__isnull=True) | Q(is_active=False, email__isnull=True),
            ),
        ),
        audit_required("accounts_account", inserts=False, deciding=["closed_at"]),
    )
