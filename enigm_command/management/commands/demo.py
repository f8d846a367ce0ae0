import sys
import time
from typing import Any

from django.core.management.base import BaseCommand

from enigm_command.demo import story, table
from enigm_command.devstack import stack

LOOK_AROUND = (
    "To look around yourself: python3 manage.py up, and for somebody to sign in as:"
    " python3 manage.py seed --new-passwords"
)


class Command(BaseCommand):
    """Show that the product does what it says: its whole story, against a running stack."""

    help = "Tell the whole life of a server over HTTP, each step checked. Exit 1 if one fails."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        with stack.running() as site:
            start = table.Told("Start what is not running", site, time.monotonic() - began)
            self.stdout.write(f"{start}")
            told = [start, *story.tell(site)]
        self.stdout.write(f"\n{table.summary(told)}\n\n{LOOK_AROUND}")
        sys.exit(0 if told[-1].went_well else 1)
