from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("servers", "0050_largest_object")]
    operations = [
        migrations.AddField(
            "policyversion", "emptying_needs_two", models.BooleanField(default=False)
        ),
    ]
