"""Lists of objects in order of arrival, page by page, missing none.

Arrivals become visible when their transactions end, and not strictly in the order of their times: a
cursor that went up to the newest one could step over another still on its way. So a cursor never
goes past the last few seconds. What came within them is shown at once and shown again; devices
drop the ids they know.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self
from uuid import UUID

from django.db.models import Q, QuerySet

from enigm_command.lib import clock
from enigm_command.lib.problems import Problem
from membership.access import Access

from .models import EncryptedObject

SIZE = 50
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
    found = list(_beyond(access, after)[:SIZE])
    last = Cursor(found[-1].received_at, found[-1].id) if found else after
    return Page(
        objects=found,
        after=str(max(after, min(last, settled))),
        more=len(found) == SIZE and last <= settled,
    )


def _beyond(access: Access, after: Cursor) -> QuerySet[EncryptedObject]:
    at, object_id = after.received_at, after.object_id
    beyond = Q(received_at__gt=at) | Q(received_at=at, id__gt=object_id)
    available = EncryptedObject.objects.available(access).filter(beyond, received_at__gte=at)
    return available.defer("body").order_by("received_at", "id")
