from django.db import migrations

from audit.guards import audit_required


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("content", "0010_withholdings_and_feed")]
    operations = [audit_required("content_withholding")]
