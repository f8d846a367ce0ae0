from pathlib import Path

from django.db import migrations

CLOSING = Path(__file__).parent.parent / "sql" / "closing.sql"


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_anchors")]
    operations = [migrations.RunSQL(CLOSING.read_text(), migrations.RunSQL.noop)]
