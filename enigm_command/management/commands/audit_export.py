from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from audit import export


class Command(BaseCommand):
    """Write a log as a folder that anyone can check. Personal values are left to administrators."""

    help = "Export a log. It withholds personal values: administrators download those themselves."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("stream", type=UUID, help="the server's id")
        parser.add_argument("folder", type=Path, help="where to; it must be empty, or not exist")

    def handle(self, *, stream: UUID, folder: Path, **options: Any) -> None:
        if folder.exists() and any(folder.iterdir()):
            raise CommandError(f"{folder} is not empty.")
        try:
            export.write(stream, folder, disclosing=False)
        except export.REFUSALS as refusal:
            raise CommandError(f"not exported: {refusal}") from refusal
        self.stdout.write(f"{folder} holds the log; README.txt there says how to check it")
