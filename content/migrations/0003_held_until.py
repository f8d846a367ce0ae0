from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("content", "0002_partitions_and_guards")]
    operations = [
        migrations.AddField("gate", "held_until", models.DateTimeField(null=True)),
    ]
