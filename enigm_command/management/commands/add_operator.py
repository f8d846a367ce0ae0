import sys
from argparse import ArgumentParser
from getpass import getpass, getuser
from io import StringIO
from typing import Any

import segno
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts import usernames
from accounts.actions import add_operator
from accounts.factors import CodeRefused, EncryptedTOTPDevice, grouped, new_seed
from accounts.models import Account, UsernameTaken
from audit.authority import Authority
from audit.vocabulary import Capacity


class Command(BaseCommand):
    """Appoint an operator of the platform: a new account that has its second factor from birth."""

    help = "Add a platform operator. Asks for a password, and for a code of the authenticator app."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument(
            "--password-stdin", action="store_true", help="the password is the first line of input"
        )
        parser.add_argument("--by", metavar="NAME", default=getuser(), help="who adds them")

    def handle(self, *, username: str, password_stdin: bool, by: str, **options: Any) -> None:
        newcomer = Account(username=username)
        try:
            usernames.validate(username)
            password = _first_line() if password_stdin else _typed_twice()
            validate_password(password, newcomer)
            self._add(newcomer, password, Authority(Capacity.OPERATOR, name=by))
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        except UsernameTaken as refusal:
            raise CommandError(f"{username} is taken. An operator is a new account.") from refusal
        except CodeRefused as refusal:
            raise CommandError("that code is wrong. Nobody was added.") from refusal
        self.stdout.write(f"{username} is an operator of the platform.")

    def _add(self, newcomer: Account, password: str, by: Authority) -> None:
        device = EncryptedTOTPDevice(user=newcomer, seed=new_seed())
        drawn = StringIO()
        segno.make(device.address).terminal(out=drawn, compact=True)
        self.stdout.write(drawn.getvalue())
        self.stdout.write(f"Scan this in an authenticator app, or type: {grouped(device.seed)}")
        self.stdout.flush()
        code = "".join(_asked("Code that the app shows: ").split())
        add_operator(newcomer.username, password, seed=device.seed, code=code, by=by)


def _typed_twice() -> str:
    password = getpass("Password: ")
    if getpass("Once more: ") != password:
        raise CommandError("the two passwords differ. Nobody was added.")
    return password


def _first_line() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def _asked(question: str) -> str:
    try:
        return input(question)
    except EOFError:
        return ""
