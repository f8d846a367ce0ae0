"""How the log's pages tell of a changed policy."""

from typing import Any

from django import template

from servers import policy

register = template.Library()


@register.filter
def policy_changes(data: dict[str, Any]) -> list[policy.Change]:
    """What an entry changed in the policy, if it tells of that: old and new, in words."""
    return list(policy.in_data(data))
