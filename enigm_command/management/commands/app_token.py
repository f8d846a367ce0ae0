from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from enigm_command.devstack import issuer
from enigm_command.lib import locator
from membership.compare import code


class Command(BaseCommand):
    """Print an app token for a person of your choice, for trying the app API by hand."""

    help = "Prints a development app token that is valid for ten minutes. Needs DEBUG."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as", dest="subject", required=True, metavar="NAME")
        parser.add_argument("--device", default="phone", help="which of that person's devices")
        parser.add_argument(
            "--compare",
            metavar="SERVER-ID",
            help="print the compare code that their app shows for this server, and no token",
        )

    def handle(self, *, subject: str, device: str, compare: str | None, **options: Any) -> None:
        try:
            self.stdout.write(
                code(issuer.fingerprint(subject), locator.parse(compare))
                if compare
                else issuer.issue(subject, device=device)
            )
        except locator.Mistyped as mistake:
            raise CommandError(str(mistake)) from None
