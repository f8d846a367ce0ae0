"""What `manage.py check --database default` and `migrate` look at."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Warning
from django.db import connections

from .roles import LOG

OWNED = """
    SELECT bool_or(pg_has_role(pg_roles.oid, relowner, 'MEMBER')) FROM pg_class, pg_roles
    WHERE rolname = %s AND relname = ANY(%s) AND relnamespace = 'public'::regnamespace
"""


def check_role(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Warn when the role that the application runs as could switch off what guards the log."""
    runs_as = connections["default"].settings_dict["USER"]
    for alias in databases or ():
        with connections[alias].cursor() as cursor:
            cursor.execute(OWNED, [runs_as, list(LOG)])
            if cursor.fetchone()[0]:
                return [_warning(runs_as)]
    return []


def _warning(role: str) -> CheckMessage:
    return Warning(
        f"The application runs as {role}, which owns the audit log's tables or may act as their"
        " owner: it could change the log.",
        hint="Let DATABASE_URL name a role of its own, and DATABASE_OWNER_URL the owner.",
        id="audit.W001",
    )
