from django.db import migrations, models

from audit.guards import audit_required

TABLE = "servers_administrator"


class Migration(migrations.Migration):
    """What somebody hides from themselves is no part of their power: it needs no entry."""

    dependencies = [("servers", "0060_emptying")]
    operations = [
        migrations.AddField(
            "administrator", "first_steps_hidden_at", models.DateTimeField(null=True)
        ),
        migrations.RunSQL(f"DROP TRIGGER audit_required ON {TABLE}", audit_required(TABLE).sql),
        audit_required(TABLE, deciding=("id", "server_id", "account_id", "since")),
    ]
