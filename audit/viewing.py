"""What operators look at: one entry per person, page and hour, committed before anything is shown.

What must never happen: an operator has looked at a server, and its administrators cannot know; or
whoever reloads a page fills their log. What prevents it: the entry is an act like any other, and a
page whose entry cannot be written is not shown; and the log itself is asked, under a lock that lets
one view of the same page pass after the other, whether the same entry stands there already.
"""

import json
from typing import Any
from uuid import UUID

from django.db import connection

from enigm_command.lib.clock import ThisHour

from .authority import Authority
from .models import AuditEvent
from .vocabulary import Action


class SeenThisHour(Exception):
    """The log says already that this person looked at this page within the hour."""


def require_first(stream: UUID, said: dict[str, Any], by: Authority) -> None:
    """SeenThisHour unless this is the first entry of these words and this person in the hour.

    Ask within `recording`: until it commits, whoever looks at the same page at once waits here.
    """
    _one_at_a_time(str(stream), by.name, said)
    of_the_hour = AuditEvent.objects.of(stream).filter(
        filed_as=Action.PAGE_VIEWED, filed_at__gte=ThisHour()
    )
    words = {"capacity": by.capacity.value, **said}
    if any(event.data == words for event in of_the_hour.by_name(stream, by.name)):
        raise SeenThisHour


def _one_at_a_time(*about: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [json.dumps(["view", *about], sort_keys=True)],
        )
