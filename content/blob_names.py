"""What names the bytes of an object in storage: `<day it expires on>/<server>/<object>`.

Names are in the order of primary keys, so a stretch of a listing and a stretch of rows can be laid
side by side.
"""

from datetime import date, datetime
from typing import NamedTuple, Self
from uuid import UUID


class BlobName(NamedTuple):
    """What names the bytes of one object; the order of an object's primary key."""

    expires_on: date
    server_id: UUID
    object_id: UUID

    def __str__(self) -> str:
        return f"{self.expires_on:%Y-%m-%d}/{self.server_id}/{self.object_id}"

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The name that `str` wrote; None for anything else, which is not ours."""
        try:
            day, server_id, object_id = text.split("/")
            name = cls(date.fromisoformat(day), UUID(server_id), UUID(object_id))
        except ValueError:
            return None
        return name if str(name) == text else None


class Lying(NamedTuple):
    """Bytes that lie in storage, and since when."""

    name: BlobName
    since: datetime


def parse_day(text: str) -> date | None:
    """The day whose bodies lie under this; None if no body of ours does."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if f"{day:%Y-%m-%d}" == text else None
