import sys
from argparse import ArgumentParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.management.base import BaseCommand

from enigm_command.devstack import chromium, paths, program

from .test import EMBEDDED

FOLDER = paths.ROOT / "docs" / "images"


class Command(BaseCommand):
    """The pictures in the documents are of the product as it is: this takes them anew."""

    help = "Take the pictures of docs/tour.md, of the demo world on a stack of its own."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--into", type=Path, default=FOLDER, help="the folder they go to")

    def handle(self, *args: Any, into: Path, **options: Any) -> None:
        chromium.needed()
        with TemporaryDirectory(prefix="enigm-") as state:
            pictures = ("-m", "enigm_command.demo.pictures", str(into.resolve()))
            sys.exit(program.call(sys.executable, *pictures, ENIGM_STATE=state, **EMBEDDED))
