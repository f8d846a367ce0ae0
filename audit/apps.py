from django.apps import AppConfig
from django.core import checks

from .checks import check_role


class AuditConfig(AppConfig):
    name = "audit"

    def ready(self) -> None:
        checks.register(check_role, checks.Tags.database)
