"""How objects end: bytes first, then rows, one batch at a time.

What must never happen: a row is gone while its bytes lie in storage with nothing left to name
them. What prevents it: bytes are deleted inside the transaction that deletes their rows, before
them; a crash in between leaves rows without bytes, which the next batch finds. Rows that are listed
stay locked until they are deleted, so the addresses stay theirs; what another worker has locked is
left to it.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, models
from django.db.models.expressions import RawSQL

from . import blobs
from .models import EncryptedObject

BATCH = 5000
DELETE = (
    "WITH gone AS (DELETE FROM content_encryptedobject"
    " WHERE expires_on = %s AND ctid = ANY({addresses}) RETURNING size)"
    " SELECT count(*), coalesce(sum(size), 0)::bigint FROM gone"
)
Doomed = models.QuerySet[EncryptedObject]


class Destroyed(NamedTuple):
    """What one batch took away."""

    objects: int
    bytes: int


class _Listed(NamedTuple):
    expires_on: date
    server_id: UUID
    id: UUID
    apart: bool
    address: str


def destroy_listed(doomed: Doomed) -> Destroyed:
    """Destroy up to BATCH objects, wherever they lie, bytes included."""
    rows = _list(doomed)
    blobs.delete_many(blobs.BlobName(*row[:3]) for row in rows if row.apart)
    by_day = defaultdict(list)
    for row in rows:
        by_day[row.expires_on].append(row.address)
    return _sum(_delete("%s::tid[]", day, [addresses]) for day, addresses in by_day.items())


def destroy_inline(doomed: Doomed, day: date) -> Destroyed:
    """Destroy up to BATCH of one day's objects whose bytes lie in their rows, without listing.

    Three times as fast as through a list; by day, because through the parent it is not.
    """
    here = doomed.filter(expires_on=day, body__isnull=False).select_for_update(skip_locked=True)
    batch = here.values_list(RawSQL("ctid", []))[:BATCH]
    addresses, params = batch.query.sql_with_params()
    return _delete(f"ARRAY({addresses})", day, list(params))


def is_less_than_a_batch(doomed: Doomed) -> bool:
    """Is what is left so little that it can go in one?"""
    return doomed[:BATCH].count() < BATCH


def _list(doomed: Doomed) -> list[_Listed]:
    found = doomed.select_for_update(skip_locked=True).annotate(
        apart=models.Q(body=None), address=RawSQL("ctid::text", [])
    )
    return [_Listed(*row) for row in found.values_list(*_Listed._fields)[:BATCH]]


def _delete(addresses: str, day: date, params: list[Any]) -> Destroyed:
    with connection.cursor() as cursor:
        cursor.execute(DELETE.format(addresses=addresses), [day, *params])
        return Destroyed(*cursor.fetchone())


def _sum(parts: Iterable[Destroyed]) -> Destroyed:
    counted = list(parts)
    return Destroyed(sum(part.objects for part in counted), sum(part.bytes for part in counted))
