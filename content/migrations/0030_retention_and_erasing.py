from django.db import migrations, models
from django.db.models import Q

import enigm_command.lib.clock

CLOCK = enigm_command.lib.clock.ClockNow()
COUNT_ANEW = "DELETE FROM content_objectcount; DELETE FROM content_countedday"


class Migration(migrations.Migration):
    dependencies = [("content", "0020_orders_by_age")]
    operations = [
        migrations.RunSQL(COUNT_ANEW, migrations.RunSQL.noop),
        migrations.AddField(
            "objectcount", "oldest_at", models.DateTimeField(default=None), preserve_default=False
        ),
        migrations.CreateModel(
            name="AgeReached",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "server_id",
                        "day",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("server_id", models.UUIDField()),
                ("day", models.DateField()),
                ("age", models.DurationField()),
            ],
        ),
        migrations.AddField("deletionorder", "heard_at", models.DateTimeField(db_default=CLOCK)),
        migrations.AddField("deletionorder", "paused_at", models.DateTimeField(null=True)),
        migrations.AddField("deletionorder", "aborted_at", models.DateTimeField(null=True)),
        migrations.AddConstraint(
            "deletionorder",
            models.CheckConstraint(
                condition=Q(finished_at=None) | Q(paused_at=None),
                name="order_rests_only_unfinished",
            ),
        ),
        migrations.AddConstraint(
            "deletionorder",
            models.CheckConstraint(
                condition=Q(aborted_at=None) | Q(finished_at__isnull=False),
                name="order_aborted_is_over",
            ),
        ),
        migrations.AddField("objectdeletion", "deleted_at", models.DateTimeField(db_default=CLOCK)),
        migrations.AddField("objectdeletion", "told", models.BooleanField(default=False)),
        migrations.RunSQL(
            "UPDATE content_objectdeletion SET told = true WHERE finished_at IS NOT NULL",
            migrations.RunSQL.noop,
        ),
        migrations.AddIndex(
            "objectdeletion",
            models.Index(
                fields=["server_id"],
                condition=Q(by_author=True, told=False),
                name="object_deletion_untold",
            ),
        ),
        migrations.AddField("feedentry", "lifetime", models.DurationField(null=True)),
        migrations.AlterField(
            "feedentry",
            "what",
            models.CharField(
                choices=[
                    ("deletion", "Deletion"),
                    ("lifetime", "Lifetime"),
                    ("release", "Release"),
                    ("standing", "Standing"),
                    ("withholding", "Withholding"),
                ],
                max_length=12,
            ),
        ),
    ]
