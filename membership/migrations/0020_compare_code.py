from django.db import migrations
from django.db.models import CheckConstraint, Q

from enigm_command.lib.fields import SealedText

NAME = "join_request_decided_keeps_no_note"


class Migration(migrations.Migration):
    """Whoever waits already has no code: theirs would be of the Server ID they asked with."""

    dependencies = [("membership", "0011_rejected_for_good")]
    operations = [
        migrations.RemoveConstraint("joinrequest", NAME),
        migrations.RemoveField("joinrequest", "fingerprint"),
        migrations.AddField("joinrequest", "compare_code", SealedText(null=True)),
        migrations.AddConstraint(
            "joinrequest",
            CheckConstraint(
                name=NAME,
                condition=Q(decision="") | Q(note__isnull=True, compare_code__isnull=True),
            ),
        ),
    ]
