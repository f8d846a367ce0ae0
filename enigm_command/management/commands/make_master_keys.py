from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from enigm_command.lib import ring


class Command(BaseCommand):
    """Make the key ring of a new production; one that is there stays."""

    help = "Write ENIGM_MASTER_KEYS_FILE, once. Without a copy of it, a lost disk loses every name."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        ring.make(settings.MASTER_KEYS_FILE)
        self.stdout.write(f"the master keys lie in {settings.MASTER_KEYS_FILE}")
