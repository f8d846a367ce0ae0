from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import Account
from enigm_command.demo import world

SHOWN_ONCE = "Demo sign-ins. The passwords are shown this once:"
WITHOUT_AN_APP = "Add the key to an authenticator app, or ask for codes: python3 manage.py totp {}"
KEPT = "seed kept: there are accounts already. For new passwords: manage.py seed --new-passwords"


class Command(BaseCommand):
    """Fill an empty database with people, servers and sealed objects to try the panel with."""

    help = "Make the demo world on a first start, and print its sign-ins once. Needs DEBUG."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--new-passwords", action="store_true", help="show the sign-ins again, with new ones"
        )

    def handle(self, *args: Any, new_passwords: bool, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo world has no place outside development: DEBUG is off.")
        if new_passwords:
            self.show(world.renew_passwords())
        elif Account.objects.exists():
            self.stdout.write(KEPT)
        else:
            self.show(world.make_owners())
            world.make_servers()

    def show(self, sign_ins: list[world.SignIn]) -> None:
        """What the owners need to sign in."""
        if not sign_ins:
            raise CommandError("There is no demo world here.")
        self.stdout.write(f"\n{SHOWN_ONCE}\n")
        for sign_in in sign_ins:
            self.stdout.write(
                f"  {sign_in.username}, owner of {world.OWNERS[sign_in.username]}\n"
                f"    password    {sign_in.password}\n"
                f"    set-up key  {sign_in.seed}\n"
                f"    or as link  {sign_in.address}"
            )
        self.stdout.write(f"{WITHOUT_AN_APP.format(sign_ins[0].username)}\n\n")
