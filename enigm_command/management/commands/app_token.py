from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from enigm_command.devstack import issuer


class Command(BaseCommand):
    """Print an app token for a person of your choice, for trying the app API by hand."""

    help = "Prints a development app token that is valid for ten minutes. Needs DEBUG."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as", dest="subject", required=True, metavar="NAME")
        parser.add_argument("--device", default="phone", help="which of that person's devices")

    def handle(self, *, subject: str, device: str, **options: Any) -> None:
        self.stdout.write(issuer.issue(subject, device=device))
