from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from audit import kept
from audit.models import AuditStream
from audit.verification import verify
from audit.verify_bundle import NotIntact


class Command(BaseCommand):
    """Check logs of the database against themselves and against the checkpoints kept outside it."""

    help = "Check one log, or --all. Prints the first thing wrong in each; fails if there is one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("stream", nargs="?", type=UUID, help="a server's id")
        which.add_argument("--all", action="store_true", help="every log there is, or ever was")

    def handle(self, *, stream: UUID | None, **options: Any) -> None:
        streams = [stream] if stream else every_log()
        damaged = [each for each in streams if not self.is_intact(each)]
        if damaged:
            raise CommandError(f"{len(damaged)} of {len(streams)} logs are not intact.")

    def is_intact(self, stream: UUID) -> bool:
        """Check one log and say what was found."""
        try:
            size = verify(stream)
        except NotIntact as wrong:
            self.stdout.write(f"{stream}: NOT INTACT: {wrong}")
            return False
        self.stdout.write(f"{stream}: intact, {size} entries")
        return True


def every_log() -> list[UUID]:
    """The logs of the database, and those that were signed and are gone from it."""
    return sorted({*AuditStream.objects.values_list("pk", flat=True), *kept.streams()})
