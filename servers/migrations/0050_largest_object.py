from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("servers", "0040_forgetting")]
    operations = [
        migrations.AddField(
            "policyversion", "largest_object", models.PositiveIntegerField(default=64 * 2**20)
        ),
        migrations.AddConstraint(
            "policyversion",
            models.CheckConstraint(
                name="policy_largest_object_within_1_gib",
                condition=models.Q(largest_object__gt=0, largest_object__lte=2**30),
            ),
        ),
    ]
