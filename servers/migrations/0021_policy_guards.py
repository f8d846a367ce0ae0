from django.db import migrations

from audit.guards import audit_required


class Migration(migrations.Migration):
    dependencies = [("servers", "0020_policy_settings"), ("audit", "0001_initial")]
    operations = [audit_required("servers_policybound")]
