from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from audit.roles import grant
from enigm_command import start
from enigm_command.lib import vault
from enigm_command.lib.models import SweepRun
from enigm_command.schedule import SWEEPS


class Command(migrate.Command):
    help = "Migrate as the owner role, then give the application role exactly what it needs."

    def add_arguments(self, parser: Any) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        start.before_migrating()
        super().handle(*args, **options)
        runs_as = connections["default"].settings_dict["USER"]
        if runs_as != connections["owner"].settings_dict["USER"]:
            grant(runs_as, using="owner")
        vault.make_key(vault.PLATFORM)
        SweepRun.objects.list_all(SWEEPS)
