import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import enigm_command.lib.clock
from audit.guards import audit_required


class Migration(migrations.Migration):
    dependencies = (("accounts", "0004_notices"), ("audit", "0001_initial"))

    operations = (
        migrations.CreateModel(
            name="Operator",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="operator",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "since",
                    models.DateTimeField(
                        db_default=enigm_command.lib.clock.ClockNow(), editable=False
                    ),
                ),
            ],
        ),
        audit_required("accounts_operator"),
    )
