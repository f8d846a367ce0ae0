"""The personal values of a whole log, opened one after the other: for exports and checks."""

import json
from collections.abc import Iterator
from uuid import UUID

from django.db import connection

from enigm_command.lib import vault

from . import private

AT_ONCE = 1000  # entries
SEALED = """
    SELECT audit_private.seq, field, sealed, leaf
    FROM audit_private LEFT JOIN audit_event USING (stream_id, seq)
    WHERE stream_id = %s AND audit_private.seq >= %s AND audit_private.seq < %s
    ORDER BY audit_private.seq, field
"""
Disclosed = tuple[int, str, str | None, str | None]


def disclosed(stream: UUID, size: int) -> Iterator[Disclosed]:
    """(entry, field, salt in hex, value) of the first `size` entries, in their order.

    Salt and value are None where the row does not open, or not as what its entry recorded.
    """
    for first in range(0, size, AT_ONCE):
        with connection.cursor() as cursor:
            cursor.execute(SEALED, [stream, first, min(first + AT_ONCE, size)])
            rows = cursor.fetchall()
        for seq, field, sealed, leaf in rows:
            yield seq, field, *_opened(stream, field, bytes(sealed), bytes(leaf or b""))


def _opened(stream: UUID, field: str, sealed: bytes, leaf: bytes) -> tuple[str | None, str | None]:
    try:
        digest = json.loads(leaf.decode())["commit"][field]
        salt, value = private.disclose(stream, field, digest, sealed)
    except (vault.Unreadable, ValueError, LookupError, TypeError):
        return None, None
    return salt.hex(), value
