import time
from argparse import ArgumentParser
from base64 import b32decode
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts import usernames
from accounts.factors import EncryptedTOTPDevice
from enigm_command.demo.authenticator import STEP, present


class Command(BaseCommand):
    """Stand in for the authenticator app of somebody who has none, in development."""

    help = "Print the code that an account's authenticator app shows now. Needs DEBUG."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, *, username: str, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("Codes are read from an authenticator app: DEBUG is off.")
        theirs = EncryptedTOTPDevice.objects.filter(user__canonical=usernames.canonical(username))
        device = theirs.order_by("-confirmed", "-made_at").first()  # or the one being set up
        if device is None:
            raise CommandError(
                f"There is no account {username} that has, or is setting up, an authenticator app."
            )
        self.stdout.write(present(b32decode(device.seed)))
        self.stderr.write(f"good once, and for {STEP - int(time.time()) % STEP} s or a little more")
