import django.db.models.deletion
from django.db import migrations, models

import enigm_command.lib.fields
from audit.guards import audit_required


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_recovery"),
        ("lifecycle", "0011_ending_guards"),
        ("servers", "0040_forgetting"),
    ]

    operations = [
        migrations.CreateModel(
            name="ProposedAct",
            fields=[
                (
                    "proposal",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="proposed_act",
                        serialize=False,
                        to="accounts.proposal",
                    ),
                ),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("server.deletion_ordered", "delete"),
                            ("server.restricted", "restrict"),
                            ("server.retired", "retire"),
                            ("server.suspended", "suspend"),
                        ],
                        max_length=40,
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        choices=[
                            ("abuse", "Abuse or illegal use"),
                            ("compliance", "A compliance obligation"),
                            ("court_order", "A court order or another duty by law"),
                            ("harm", "Harm to people"),
                            ("integrity", "The integrity of the platform"),
                            ("security", "A valid security concern"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "reference",
                    enigm_command.lib.fields.SealedText(max_length=80, scope="server_id"),
                ),
                (
                    "server",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proposed_acts",
                        to="servers.server",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "act__in",
                                [
                                    "server.deletion_ordered",
                                    "server.restricted",
                                    "server.retired",
                                    "server.suspended",
                                ],
                            )
                        ),
                        name="proposed_act_known",
                    )
                ],
            },
        ),
        audit_required("lifecycle_proposedact", deletes=False),
    ]
