"""The public id of an object carries the day it expires on, so every read opens one partition.

Two bytes of days since DAY_ZERO and the sixteen of a random UUID, in lower-case base 32 (RFC 4648)
without padding: 29 characters.
"""

import re
from base64 import b32decode, b32encode
from datetime import date, timedelta
from uuid import UUID

DAY_ZERO = date(2020, 1, 1)
LENGTH = 29


class NotAnObjectId(ValueError):
    """What was given is no object id."""


def public_id(expires_on: date, object_id: UUID) -> str:
    """The id as devices and people know it."""
    day = (expires_on - DAY_ZERO).days.to_bytes(2, "big")
    return b32encode(day + object_id.bytes).decode().rstrip("=").lower()


def parse_public_id(text: str) -> tuple[date, UUID]:
    """One spelling per object: anything but what `public_id` writes is refused."""
    try:
        raw = b32decode(text.upper() + "=" * (-len(text) % 8))
        expires_on = DAY_ZERO + timedelta(days=int.from_bytes(raw[:2], "big"))
        object_id = UUID(bytes=raw[2:])
    except ValueError as error:
        raise NotAnObjectId from error
    if public_id(expires_on, object_id) != text:
        raise NotAnObjectId
    return expires_on, object_id


def typed_public_id(text: str) -> tuple[date, UUID]:
    """The same from a person: spaces, dashes and capitals are forgiven."""
    return parse_public_id(re.sub(r"[\s-]", "", text).lower())
