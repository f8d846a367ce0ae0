"""The personal values of a whole log, opened one after the other: for exports and checks."""

import json
from collections.abc import Iterator
from itertools import chain
from typing import Any
from uuid import UUID

from django.db import connection

from enigm_command.lib import vault

from . import private

AT_ONCE = 1000  # entries
SEALED = """
    SELECT seq, field, sealed FROM audit_private
    WHERE stream_id = %s AND seq >= %s AND seq < %s ORDER BY seq, field
"""
LEAVES = "SELECT seq, leaf FROM audit_event WHERE stream_id = %s AND seq >= %s AND seq < %s"
Disclosed = tuple[int, str, str | None, str | None]


def disclosed(stream: UUID, size: int) -> Iterator[Disclosed]:
    """(entry, field, salt in hex, value) of the first `size` entries, in their order.

    Salt and value are None where the row does not open, or not as what its entry recorded.
    """
    return chain.from_iterable(in_parts(stream, size))


def in_parts(stream: UUID, size: int) -> Iterator[list[Disclosed]]:
    """The same, many at a time."""
    for first in range(0, size, AT_ONCE):
        part = stream, first, min(first + AT_ONCE, size)
        if rows := _rows(SEALED, *part):
            leaves = dict(_rows(LEAVES, *part))  # two questions are faster than their join
            yield [
                (seq, field, *_opened(stream, field, bytes(sealed), bytes(leaves.get(seq, b""))))
                for seq, field, sealed in rows
            ]


def _rows(query: str, *asked: UUID | int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, asked)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _opened(stream: UUID, field: str, sealed: bytes, leaf: bytes) -> tuple[str | None, str | None]:
    try:
        digest = json.loads(leaf.decode())["commit"][field]
        salt, value = private.disclose(stream, field, digest, sealed)
    except (vault.Unreadable, ValueError, LookupError, TypeError):
        return None, None
    return salt.hex(), value
