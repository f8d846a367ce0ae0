from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from audit import witness
from audit.checkpoint import Inconsistent


class Command(BaseCommand):
    help = "Have the witness sign the platform's latest checkpoint, and print it."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.WITNESS_URL:
            raise CommandError("No witness is set: WITNESS_URL is empty.")
        try:
            note = witness.submit()
        except (witness.Unwitnessed, Inconsistent) as refused:
            raise CommandError(f"Not witnessed: {refused}.") from refused
        self.stdout.write(note or "the platform's log has no entry yet", ending="")
