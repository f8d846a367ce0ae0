import uuid

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Now

from audit.guards import audit_required
from enigm_command.lib.fields import SealedText, WordMarks

KEY = models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)
GROUNDS = [
    ("unknown", "Nobody here knows them"),
    ("unconfirmed", "The compare code was not confirmed"),
    ("mistaken", "They meant another server"),
    ("unneeded", "There is no need for them to be here"),
    ("unstated", "No reason given"),
]
AS_BEFORE = (
    "CREATE CONSTRAINT TRIGGER audit_required AFTER"
    " UPDATE OF server_id, handle, decision ON membership_joinrequest"
    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION audit_required()"
)


def of_a_server(related_name):
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT,
        related_name=related_name,
        to="servers.server",
    )


class Migration(migrations.Migration):
    dependencies = [("membership", "0020_compare_code"), ("audit", "0005_closing")]
    operations = [
        migrations.CreateModel(
            name="Block",
            fields=[
                ("id", KEY),
                ("handle", models.UUIDField()),
                ("until", models.DateTimeField(null=True)),
                ("reason", SealedText(max_length=140)),
                ("made_at", models.DateTimeField(db_default=Now(), editable=False)),
                ("server", of_a_server("blocks")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("server", "handle"), name="block_once")
                ]
            },
        ),
        migrations.CreateModel(
            name="FormerMember",
            fields=[
                ("id", KEY.clone()),
                ("handle", models.UUIDField()),
                ("ended_at", models.DateTimeField(db_default=Now(), editable=False)),
                ("server", of_a_server("former_members")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("server", "handle"), name="former_member_once")
                ]
            },
        ),
        migrations.AddField("joinrequest", "words", WordMarks(of="display_name")),
        migrations.AddField("membership", "words", WordMarks(of="display_name")),
        migrations.AddField(
            "joinrequest",
            "grounds",
            models.CharField(blank=True, choices=GROUNDS, default="", max_length=16),
        ),
        migrations.AddIndex(
            "joinrequest",
            models.Index(fields=["server", "handle"], name="join_request_of_whom"),
        ),
        migrations.AddIndex(
            "joinrequest",
            models.Index(
                condition=~models.Q(decision=""),
                fields=["server", "decided_at"],
                name="join_request_decided",
            ),
        ),
        migrations.AddIndex(
            "joinrequest",
            django.contrib.postgres.indexes.GinIndex(fields=["words"], name="join_request_words"),
        ),
        migrations.AddIndex(
            "membership",
            django.contrib.postgres.indexes.GinIndex(fields=["words"], name="membership_words"),
        ),
        migrations.AddConstraint(
            "joinrequest",
            models.CheckConstraint(
                condition=models.Q(grounds="") | models.Q(decision="rejected"),
                name="join_request_grounds_only_of_a_rejection",
            ),
        ),
        audit_required("membership_block"),
        migrations.RunSQL("DROP TRIGGER audit_required ON membership_joinrequest", AS_BEFORE),
        audit_required(
            "membership_joinrequest",
            deciding=["server_id", "handle", "decision", "grounds"],
            inserts=False,
            deletes=False,
        ),
    ]
