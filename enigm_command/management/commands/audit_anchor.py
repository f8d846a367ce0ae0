from typing import Any

from django.core.management.base import BaseCommand

from audit import actions
from audit.anchor import Unchanged
from audit.authority import SCHEDULE


class Command(BaseCommand):
    help = "Commit to the heads of all logs in the platform's own, now and not on the hour."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = actions.anchor_logs(by=SCHEDULE)
        except Unchanged:
            self.stdout.write("no log has grown since the last anchor")
        else:
            self.stdout.write(
                f"entry {made.entry} of the platform's log anchors {len(made.leaves)}"
            )
