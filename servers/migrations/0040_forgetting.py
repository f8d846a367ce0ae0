from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("servers", "0021_policy_guards"), ("servers", "0031_ownership_guards")]
    operations = [migrations.RunSQL((SQL / "forgetting.sql").read_text())]
