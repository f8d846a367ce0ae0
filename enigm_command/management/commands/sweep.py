from typing import Any

from celery import current_app
from django.core.management.base import BaseCommand, CommandError

from enigm_command.schedule import SWEEPS


class Command(BaseCommand):
    help = "Run one sweep of the schedule here and now, or all of them. For cron, or by hand."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("name", nargs="?", help=f"one of: {', '.join(SWEEPS)}")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = options["name"]
        if wanted and wanted not in SWEEPS:
            raise CommandError(f"{wanted} is no sweep. There are: {', '.join(SWEEPS)}.")
        current_app.loader.import_default_modules()
        for name in [wanted] if wanted else SWEEPS:
            ran = current_app.tasks[name].run()
            self.stdout.write(f"{name}: {'done' if ran else 'another process is at it'}")
