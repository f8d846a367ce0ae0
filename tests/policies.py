"""How tests change a policy."""

from typing import Any

from audit.authority import Authority
from lifecycle.actions import change_policy
from lifecycle.policy import Draft
from servers.models import PolicyVersion, Server

HOUR, DAY = 3600, 24 * 3600
MONTH = 30 * DAY


def change(server: Server, *, by: Authority, **codes: Any) -> PolicyVersion:
    """Put a version in force that differs in these settings."""
    return change_policy(Draft.of(server, codes), by=by)
