"""Lists of objects in order of arrival, page by page, missing none.

Arrivals become visible when their transactions end, and not strictly in the order of their times: a
cursor that went up to the newest one could step over another still on its way. So a cursor never
goes past the last few seconds. What came within them is shown at once and shown again; devices
drop the ids they know.

However much was deleted and is not yet purged, one page looks at no more than so many objects, in
their order in the index. When it runs out of them it ends there, with few objects or none, and says
that there is more.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q, QuerySet, Window
from django.db.models.functions import Now, RowNumber

from enigm_command.lib import clock
from enigm_command.lib.problems import Problem
from membership.access import Access

from .models import EncryptedObject
from .models.objects import is_available

SIZE = 50
LOOKED_AT = 2000  # objects for one page at most, whether they may be fetched or not
LISTED = [
    field.attname for field in EncryptedObject._meta.concrete_fields if field.attname != "body"
]
ORDER = ("received_at", "id")
LOOK = "SELECT * FROM ({}) AS looked_at WHERE available OR place = %s LIMIT %s"
OVERLAP = timedelta(seconds=5)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_ID = UUID(int=0)


class NotACursor(Problem):
    """What was sent as `after` was never given out as one."""

    def __init__(self) -> None:
        super().__init__(422, "not_a_cursor", "`after` must be what an earlier page gave out.")


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """A place in the order of arrival. Its text is microseconds and id in base64url."""

    received_at: datetime = EPOCH
    object_id: UUID = FIRST_ID

    @classmethod
    def parse(cls, text: str) -> Self:
        """The cursor that `str` wrote; NotACursor for anything else."""
        try:
            raw = urlsafe_b64decode(text)
            since = timedelta(microseconds=int.from_bytes(raw[:8], "big"))
            cursor = cls(EPOCH + since, UUID(bytes=raw[8:]))
        except (ValueError, OverflowError) as error:
            raise NotACursor from error
        if str(cursor) != text:
            raise NotACursor
        return cursor

    @classmethod
    def of(cls, listed: EncryptedObject) -> Self:
        """The place of this object."""
        return cls(listed.received_at, listed.id)

    def __str__(self) -> str:
        since = (self.received_at - EPOCH) // timedelta(microseconds=1)
        return urlsafe_b64encode(since.to_bytes(8, "big") + self.object_id.bytes).decode()


@dataclass(frozen=True, slots=True)
class Page:
    """Some objects without their bodies, where to go on, and whether to do so at once."""

    objects: list[EncryptedObject]
    after: str
    more: bool


def page(access: Access, after: Cursor) -> Page:
    """The next objects that this device may fetch, oldest arrival first."""
    settled = Cursor(clock.now() - OVERLAP)
    found, looked_up_to = _look(access, after)
    goes_on = looked_up_to is not None or len(found) == SIZE
    last = looked_up_to or (Cursor.of(found[-1]) if found else after)
    return Page(
        objects=found,
        after=str(max(after, min(last, settled))),
        more=goes_on and last <= settled,
    )


def _look(access: Access, after: Cursor) -> tuple[list[EncryptedObject], Cursor | None]:
    """A page of what may be fetched; where the look ended if it ended before the page was full.

    One statement: between two of them a purge could move that end beyond what was looked at.
    """
    sql, params = _looked_at(access, after).query.sql_with_params()
    with transaction.atomic(), connection.cursor() as cursor:
        _keep_to_the_index()
        cursor.execute(LOOK.format(sql), [*params, LOOKED_AT, SIZE])
        rows = cursor.fetchall()
    seen = [EncryptedObject.from_db("default", LISTED, row[:-2]) for row in rows]
    found = [each for each, row in zip(seen, rows, strict=True) if row[-2]]
    ended_early = len(found) < SIZE and bool(rows) and rows[-1][-1] == LOOKED_AT
    return found, Cursor.of(seen[-1]) if ended_early else None


def _looked_at(access: Access, after: Cursor) -> QuerySet[EncryptedObject, Any]:
    at, object_id = after.received_at, after.object_id
    beyond = Q(received_at__gt=at) | Q(received_at=at, id__gt=object_id)
    ahead = EncryptedObject.objects.above_floor(access.server.pk, Now())
    marked = ahead.filter(beyond, received_at__gte=at).annotate(
        available=is_available(access, Now()), place=Window(RowNumber(), order_by=ORDER)
    )
    return marked.values_list(*LISTED, "available", "place").order_by(*ORDER)[:LOOKED_AT]


def _keep_to_the_index() -> None:
    """Until the end of this transaction PostgreSQL walks along the order of arrival.

    Of a day that was filled just now it has no statistics: it would take 300,000 objects for a few
    and sort them all for each page (4 s, in place of 0.05).
    """
    off = ("enable_sort", "enable_seqscan", "enable_bitmapscan")
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(f"set_config('{name}', 'off', true)" for name in off))
