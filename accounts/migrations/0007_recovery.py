import datetime
import uuid
from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

from audit.guards import audit_required
from enigm_command.lib.clock import ClockNow

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = (("accounts", "0006_passkeys"), ("audit", "0001_initial"))

    operations = (
        migrations.CreateModel(
            name="Recovery",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key_digest", models.BinaryField(max_length=16, unique=True)),
                ("spoken_digest", models.BinaryField(db_index=True, max_length=16)),
                ("begun_at", models.DateTimeField(db_default=ClockNow(), editable=False)),
                ("server_id", models.UUIDField(null=True)),
                ("vouched_at", models.DateTimeField(null=True)),
                ("due_at", models.DateTimeField(null=True)),
                ("called_off_at", models.DateTimeField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recoveries",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposal",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.proposal",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        name="recovery_waits_three_days",
                        condition=Q(vouched_at=None, due_at=None, server_id=None)
                        | Q(
                            due_at=F("vouched_at") + datetime.timedelta(days=3),
                            vouched_at__isnull=False,
                            server_id__isnull=False,
                            account__isnull=False,
                            proposal__isnull=False,
                        ),
                    ),
                    models.CheckConstraint(
                        name="recovery_is_done_when_due",
                        condition=Q(done_at=None)
                        | Q(done_at__gte=F("due_at"), due_at__isnull=False, called_off_at=None),
                    ),
                ]
            },
        ),
        migrations.RunSQL((SQL / "recovery.sql").read_text()),
        audit_required(
            "accounts_recovery",
            inserts=False,
            deletes=False,
            deciding=["account_id", "vouched_at", "due_at", "called_off_at", "done_at"],
        ),
    )
