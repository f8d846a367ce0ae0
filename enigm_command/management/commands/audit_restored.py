from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from audit import kept
from audit.actions import note_restored
from audit.authority import Authority
from audit.vocabulary import Capacity


class Command(BaseCommand):
    """Say, in the logs themselves, that a backup was put in the place of the database."""

    help = (
        "After a restore on purpose: logs that no longer continue what was signed go on under an"
        " origin of their own, and their next entry names the last checkpoint before it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("stream", nargs="?", type=UUID, help="a server's id")
        which.add_argument("--all", action="store_true", help="every log that needs it")
        parser.add_argument("--by", required=True, metavar="NAME", help="who restored it")
        parser.add_argument("--reason", required=True)

    def handle(self, *, stream: UUID | None, by: str, reason: str, **options: Any) -> None:
        operator = Authority(Capacity.OPERATOR, name=by)
        for each in [stream] if stream else kept.streams():
            try:
                head = note_restored(each, reason, by=operator)
            except ValueError as refusal:
                if stream:
                    raise CommandError(f"not done: {refusal}") from refusal
            else:
                self.stdout.write(f"{each}: goes on as {head.origin}")
