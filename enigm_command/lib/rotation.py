"""Another master key: added, every data key wrapped by it, the old one dropped.

What must never happen: a data key is lost because the master key that wraps it is gone, or one that
was destroyed comes back. What prevents it: the new master key stands in the ring before it wraps
anything; a data key is exchanged only for what it was when it was read; and a master key is dropped
while the table of data keys can be read but not written, after a count that found none of its own.
"""

from uuid import UUID

from django.db import connection, transaction

from . import ring, vault
from .models import DataKey

BATCH = 1000
EXCHANGE = """
    UPDATE lib_datakey AS held SET wrapped = anew.wrapped
    FROM unnest(%s::uuid[], %s::bytea[], %s::bytea[]) AS anew (scope, read, wrapped)
    WHERE held.scope = anew.scope AND held.wrapped = anew.read
"""


def needs_new_key() -> bool:
    """False while the newest master key is yet to wrap them all: an earlier rotation goes on."""
    return [*DataKey.objects.count_by_master()] == [ring.newest()[0]]


def rewrap() -> tuple[int, list[UUID]]:
    """Wrap every data key by the newest master key. Safe to stop and to repeat.

    Returns how many were wrapped anew, and the scopes whose key does not open and was left alone.
    """
    left = DataKey.objects.not_wrapped_by(ring.newest()[0])
    done, broken = 0, list[UUID]()
    while batch := list(left.exclude(pk__in=broken)[:BATCH]):
        anew = {row.scope: (bytes(row.wrapped), _wrapped_anew(row)) for row in batch}
        broken += [scope for scope, (_, wrapped) in anew.items() if wrapped is None]
        done += _exchange([(scope, *pair) for scope, pair in anew.items() if pair[1]])
    return done, broken


@transaction.atomic
def drop_unused() -> tuple[list[int], dict[int, int]]:
    """Take the master keys out of the ring that wrap nothing; the newest stays.

    Returns their numbers, and how many data keys each of the older ones that stay still wraps.
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE lib_datakey IN SHARE MODE")
    newest, counts = ring.newest()[0], DataKey.objects.count_by_master()
    unused = [number for number in ring.masters() if number != newest and number not in counts]
    if unused:
        ring.keep({newest, *counts})
    return unused, {number: count for number, count in counts.items() if number != newest}


def _wrapped_anew(row: DataKey) -> bytes | None:
    """The same data key by the newest master key; None for one that does not open."""
    try:
        return vault.wrap(row.scope, vault.unwrap(row.scope, bytes(row.wrapped)))
    except vault.Unreadable:
        return None


def _exchange(keys: list[tuple[UUID, bytes, bytes | None]]) -> int:
    """Write a batch at once: (scope, as it was read, as it shall be). One destroyed stays so."""
    with connection.cursor() as cursor:
        cursor.execute(EXCHANGE, [[key[part] for key in keys] for part in range(3)])
        return int(cursor.rowcount)
