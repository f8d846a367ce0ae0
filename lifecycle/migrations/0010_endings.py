import datetime
import uuid

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

import enigm_command.lib.clock
import enigm_command.lib.fields


class Migration(migrations.Migration):
    dependencies = [
        ("lifecycle", "0002_guards"),
        ("servers", "0031_ownership_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Hold",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "category",
                    models.CharField(
                        choices=[
                            ("legal", "Legal"),
                            ("security", "Security"),
                            ("compliance", "Compliance"),
                            ("operational", "Operational"),
                        ],
                        max_length=12,
                    ),
                ),
                ("confidential", models.BooleanField(default=False)),
                ("reason", enigm_command.lib.fields.SealedText(max_length=280, scope="server_id")),
                (
                    "reference",
                    enigm_command.lib.fields.SealedText(max_length=80, scope="server_id"),
                ),
                (
                    "placed_at",
                    models.DateTimeField(
                        db_default=enigm_command.lib.clock.ClockNow(), editable=False
                    ),
                ),
                ("until", models.DateTimeField()),
                ("lifted_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Restriction",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "party",
                    models.CharField(
                        choices=[
                            ("server", "the server's administrators"),
                            ("platform", "the platform's operators"),
                        ],
                        max_length=8,
                    ),
                ),
                ("code", models.CharField(blank=True, default="", max_length=20)),
                (
                    "reference",
                    enigm_command.lib.fields.SealedText(
                        max_length=80, null=True, scope="server_id"
                    ),
                ),
                (
                    "reason",
                    enigm_command.lib.fields.SealedText(
                        max_length=280, null=True, scope="server_id"
                    ),
                ),
                (
                    "placed_at",
                    models.DateTimeField(
                        db_default=enigm_command.lib.clock.ClockNow(), editable=False
                    ),
                ),
                ("lifted_at", models.DateTimeField(null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Retirement",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "party",
                    models.CharField(
                        choices=[
                            ("server", "the server's administrators"),
                            ("platform", "the platform's operators"),
                        ],
                        max_length=8,
                    ),
                ),
                ("code", models.CharField(blank=True, default="", max_length=20)),
                (
                    "reference",
                    enigm_command.lib.fields.SealedText(
                        max_length=80, null=True, scope="server_id"
                    ),
                ),
                (
                    "placed_at",
                    models.DateTimeField(
                        db_default=enigm_command.lib.clock.ClockNow(), editable=False
                    ),
                ),
                ("begins_at", models.DateTimeField()),
                ("dry_at", models.DateTimeField(null=True)),
                ("called_off_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ServerReceipt",
            fields=[
                (
                    "deletion",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="receipt",
                        serialize=False,
                        to="lifecycle.serverdeletion",
                    ),
                ),
                ("document", models.TextField()),
                (
                    "written_at",
                    models.DateTimeField(
                        db_default=enigm_command.lib.clock.ClockNow(), editable=False
                    ),
                ),
            ],
        ),
        migrations.AddField("serverdeletion", "needs_two", models.BooleanField(default=False)),
        migrations.AddField("serverdeletion", "at_once", models.BooleanField(default=False)),
        migrations.AddField("serverdeletion", "agreed_at", models.DateTimeField(null=True)),
        migrations.AddField(
            model_name="serverdeletion",
            name="code",
            field=models.CharField(blank=True, default="", max_length=20),
        ),
        migrations.AddField(
            model_name="serverdeletion",
            name="log_closed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="serverdeletion",
            name="party",
            field=models.CharField(
                choices=[
                    ("server", "the server's administrators"),
                    ("platform", "the platform's operators"),
                ],
                default="server",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="serverdeletion",
            name="reference",
            field=enigm_command.lib.fields.SealedText(max_length=80, null=True, scope="server_id"),
        ),
        migrations.AddField(
            model_name="suspension",
            name="code",
            field=models.CharField(blank=True, default="", max_length=20),
        ),
        migrations.AddField(
            model_name="suspension",
            name="reference",
            field=enigm_command.lib.fields.SealedText(max_length=80, null=True, scope="server_id"),
        ),
        migrations.AlterField(
            model_name="suspension",
            name="server",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="servers.server",
            ),
        ),
        migrations.AddConstraint(
            model_name="serverdeletion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("code", ""), ("party", "server")),
                    models.Q(("party", "platform"), models.Q(("code", ""), _negated=True)),
                    _connector="OR",
                ),
                name="server_deletion_by_the_platform_has_its_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="serverdeletion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("log_closed_at__isnull", True), ("finished_at__isnull", False), _connector="OR"
                ),
                name="server_deletion_closes_its_log_last",
            ),
        ),
        migrations.AddConstraint(
            model_name="suspension",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("code", ""), ("party", "server")),
                    models.Q(("party", "platform"), models.Q(("code", ""), _negated=True)),
                    _connector="OR",
                ),
                name="suspension_by_the_platform_has_its_reason",
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="placed_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="hold",
            name="server",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="holds",
                to="servers.server",
            ),
        ),
        migrations.AddField(
            model_name="restriction",
            name="placed_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="restriction",
            name="server",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="servers.server",
            ),
        ),
        migrations.AddField(
            model_name="retirement",
            name="placed_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="retirement",
            name="server",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="servers.server",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("category__in", ["legal", "security", "compliance", "operational"])
                ),
                name="hold_category_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="hold",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until__gt", models.F("placed_at")),
                    (
                        "until__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("placed_at"), "+", models.Value(datetime.timedelta(days=365))
                        ),
                    ),
                ),
                name="hold_ends_within_a_year",
            ),
        ),
        migrations.AddConstraint(
            model_name="restriction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("code", ""), ("party", "server")),
                    models.Q(("party", "platform"), models.Q(("code", ""), _negated=True)),
                    _connector="OR",
                ),
                name="restriction_by_the_platform_has_its_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="restriction",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lifted_at__isnull", True)),
                fields=("server", "party"),
                name="restriction_one_open_for_each_party",
            ),
        ),
        migrations.AddConstraint(
            model_name="retirement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("code", ""), ("party", "server")),
                    models.Q(("party", "platform"), models.Q(("code", ""), _negated=True)),
                    _connector="OR",
                ),
                name="retirement_by_the_platform_has_its_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="retirement",
            constraint=models.UniqueConstraint(
                condition=models.Q(("called_off_at__isnull", True), ("finished_at__isnull", True)),
                fields=("server",),
                name="retirement_one_open_each",
            ),
        ),
        migrations.AddConstraint(
            model_name="retirement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("dry_at__isnull", True),
                    (
                        "dry_at__gte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("begins_at"), "+", models.Value(datetime.timedelta(days=30))
                        ),
                    ),
                    _connector="OR",
                ),
                name="retirement_runs_dry_in_30_days",
            ),
        ),
        migrations.AddConstraint(
            model_name="retirement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("called_off_at__isnull", True), ("finished_at__isnull", True), _connector="OR"
                ),
                name="retirement_ends_one_way",
            ),
        ),
    ]
