from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand

from audit import checkpoint, keys


class Command(BaseCommand):
    """Make the key that signs checkpoints, add a newer one, or print what a log is checked with."""

    help = (
        "Write AUDIT_KEYS_FILE, once. --rotate adds a key that signs from now on; older ones stay,"
        " because they verify. With a log's id, print its verifier keys, the newest first."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("stream", nargs="?", type=UUID, help="a server's id, or zeros")
        parser.add_argument("--rotate", action="store_true")

    def handle(self, *, stream: UUID | None, rotate: bool, **options: Any) -> None:
        path = settings.AUDIT_KEYS_FILE
        keys.make(path)
        if rotate:
            self.stdout.write(f"key {keys.rotate(path)} in {path} signs from now on")
        if stream:
            for verifier in checkpoint.verifiers(stream):
                self.stdout.write(verifier.vkey)
        elif not rotate:
            self.stdout.write(f"the keys that sign the logs lie in {path}")
