from pathlib import Path

from django.db import migrations

from audit.guards import audit_required

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("servers", "0030_ownership"), ("audit", "0001_initial")]
    operations = [
        migrations.RunSQL((SQL / "ownership.sql").read_text()),
        audit_required("servers_invitation", deletes=False),
    ]
