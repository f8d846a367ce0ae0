import uuid

import django.contrib.postgres.fields
from django.db import migrations, models

import enigm_command.lib.clock
import enigm_command.lib.fields


class Migration(migrations.Migration):
    dependencies = [
        ("content", "0003_held_until"),
    ]

    operations = [
        migrations.CreateModel(
            name="Device",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "server_id",
                        "handle",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("server_id", models.UUIDField()),
                ("handle", models.UUIDField()),
                ("member", models.UUIDField()),
                ("number", models.BigIntegerField(default=0)),
                ("week", models.DateField()),
            ],
            options={
                "indexes": [models.Index(fields=["week"], name="device_by_week")],
            },
        ),
        migrations.CreateModel(
            name="FeedEntry",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "server_id",
                        "number",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("server_id", models.UUIDField()),
                ("number", models.BigIntegerField()),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("deletion", "Deletion"),
                            ("release", "Release"),
                            ("standing", "Standing"),
                            ("withholding", "Withholding"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "author",
                    models.UUIDField(default=uuid.UUID("00000000-0000-0000-0000-000000000000")),
                ),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[("message", "Messages"), ("media", "Media")],
                        default="",
                        max_length=8,
                    ),
                ),
                (
                    "object_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=29), default=list, size=None
                    ),
                ),
                ("until", models.DateTimeField(null=True)),
                ("about", models.BigIntegerField(null=True)),
                ("standing", models.CharField(blank=True, default="", max_length=16)),
                ("told_at", models.DateTimeField(db_default=enigm_command.lib.clock.ClockNow())),
            ],
            options={
                "indexes": [models.Index(fields=["told_at"], name="feed_entry_by_age")],
            },
        ),
        migrations.CreateModel(
            name="Withholding",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("server_id", models.UUIDField()),
                ("number", models.BigIntegerField()),
                (
                    "author",
                    models.UUIDField(default=uuid.UUID("00000000-0000-0000-0000-000000000000")),
                ),
                (
                    "kind",
                    models.CharField(
                        blank=True,
                        choices=[("message", "Messages"), ("media", "Media")],
                        default="",
                        max_length=8,
                    ),
                ),
                (
                    "reason",
                    enigm_command.lib.fields.SealedText(
                        max_length=140, null=True, scope="server_id"
                    ),
                ),
                (
                    "placed_at",
                    models.DateTimeField(
                        db_default=enigm_command.lib.clock.ClockNow(), editable=False
                    ),
                ),
                ("ends_at", models.DateTimeField(null=True)),
                ("released_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("released_at", None)),
                        fields=["server_id", "author", "kind"],
                        name="withholding_standing",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("server_id", "number"), name="withholding_number_once"
                    )
                ],
            },
        ),
    ]
