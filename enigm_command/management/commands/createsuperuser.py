from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Refuses: nobody runs the platform by a password alone."""

    help = "Not available here: `manage.py add_operator NAME` adds a platform operator."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError("there are no superusers here: see `manage.py add_operator NAME`.")
