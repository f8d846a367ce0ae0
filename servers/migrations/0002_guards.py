from pathlib import Path

from django.db import migrations

from audit.guards import audit_required

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("servers", "0001_initial"), ("audit", "0001_initial")]
    operations = [
        migrations.RunSQL((SQL / "guards.sql").read_text()),
        audit_required(
            "servers_server", deciding=["locator", "region", "standing", "name", "owner_id"]
        ),
        audit_required("servers_administrator"),
        audit_required("servers_policyversion"),
    ]
