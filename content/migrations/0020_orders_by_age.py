from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("content", "0012_lost_objects")]
    operations = [
        migrations.AddField("deletionorder", "by_age", models.BooleanField(default=False)),
    ]
