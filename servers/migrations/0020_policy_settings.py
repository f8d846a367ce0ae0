from datetime import timedelta

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("servers", "0012_buying_guards")]
    operations = [
        migrations.CreateModel(
            name="PolicyBound",
            fields=[
                ("setting", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("default", models.PositiveBigIntegerField()),
                ("least", models.PositiveBigIntegerField()),
                ("most", models.PositiveBigIntegerField()),
                ("locked", models.BooleanField(default=False)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        name="policy_bound_leaves_its_default",
                        condition=models.Q(
                            least__lte=models.F("default"), default__lte=models.F("most")
                        ),
                    )
                ],
            },
        ),
        migrations.AddField(
            "policyversion",
            "ask_again_after",
            models.DurationField(default=timedelta(0), null=True),
        ),
        migrations.AddField("policyversion", "removal_deletes", models.BooleanField(default=False)),
        migrations.AddField(
            "policyversion", "deletion_needs_two", models.BooleanField(default=False)
        ),
        migrations.AddField(
            "policyversion", "tells_every_change", models.BooleanField(default=True)
        ),
        migrations.AddConstraint(
            "policyversion",
            models.CheckConstraint(
                name="policy_asking_again_is_not_in_the_past",
                condition=models.Q(ask_again_after=None)
                | models.Q(ask_again_after__gte=timedelta(0)),
            ),
        ),
    ]
