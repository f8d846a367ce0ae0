from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_checkpoints")]
    operations = [
        migrations.RunSQL((SQL / "erasure.sql").read_text(), migrations.RunSQL.noop),
    ]
