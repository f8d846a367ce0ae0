"""Days are counted with their losses, those of before once more."""

from django.db import migrations, models

COUNT_AGAIN = "UPDATE content_countedday SET changes = -1"


class Migration(migrations.Migration):
    dependencies = [("content", "0031_forgetting")]
    operations = [
        migrations.AddField("countedday", "lost", models.BigIntegerField(default=0)),
        migrations.RunSQL(COUNT_AGAIN, migrations.RunSQL.noop),
    ]
