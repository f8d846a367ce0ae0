import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from benchmarks import scratch

SECTIONS = ("content", "audit", "desk", "memory")


class Command(BaseCommand):
    """Measure this machine with a database of its own, which is dropped again."""

    help = "Measure the product on a scratch database, side by side with what others use."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("section", nargs="?", choices=SECTIONS, default="content")
        parser.add_argument(
            "--objects", type=int, default=1_000_000, help="content: how much one server holds"
        )
        parser.add_argument(
            "--entries", type=int, default=1_000_000, help="audit: length of the longest log"
        )
        parser.add_argument("--json", type=Path, help="write the figures to this file too")

    def handle(
        self,
        *args: Any,
        section: str,
        objects: int,
        entries: int,
        json: Path | None,
        **options: Any,
    ) -> None:
        asked = [section, "--objects", str(objects), "--entries", str(entries)]
        if json:
            asked += ["--json", str(json.resolve())]
        sys.exit(scratch.run(asked))
