from argparse import ArgumentParser
from getpass import getuser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.actions import remove_operator
from accounts.models import Operator
from audit.authority import Authority
from audit.vocabulary import Capacity


class Command(BaseCommand):
    """Take the power over the platform away from an operator; the account itself stays."""

    help = "Remove a platform operator. Their sessions end at their next request."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--by", metavar="NAME", default=getuser(), help="who removes them")

    def handle(self, *, username: str, by: str, **options: Any) -> None:
        try:
            operator = Operator.objects.named(username)
            remove_operator(operator, by=Authority(Capacity.OPERATOR, name=by))
        except Operator.DoesNotExist as nobody:
            raise CommandError(f"{username} is no operator of the platform.") from nobody
        self.stdout.write(f"{operator.account.username} is no longer an operator of the platform.")
