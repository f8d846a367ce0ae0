from pathlib import Path

from django.db import migrations

APPEND = Path(__file__).parent.parent / "sql" / "append.sql"


class Migration(migrations.Migration):
    dependencies = [("audit", "0005_closing")]
    operations = [migrations.RunSQL(APPEND.read_text(), migrations.RunSQL.noop)]
