from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Refuses: whoever runs the machine sets nobody's password."""

    help = "Not available here: people recover their accounts at /recover/."
    requires_system_checks = ()

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("username", nargs="?")

    def handle(self, *args: Any, **options: Any) -> None:
        raise CommandError("nobody sets another person's password: they recover it at /recover/.")
