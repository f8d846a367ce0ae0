"""How objects end: bytes first, then rows, one batch at a time.

What must never happen: a row is gone while its bytes lie in storage with nothing left to name
them. What prevents it: bytes are deleted inside the transaction that deletes their rows, before
them; a crash in between leaves rows without bytes, which the next batch finds. Rows that are listed
stay locked until they are deleted, so the addresses stay theirs; what another worker has locked is
left to it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from time import monotonic
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, models
from django.db.models.expressions import RawSQL

from . import blobs, partitions
from .models import EncryptedObject

BATCH = 5000  # objects
AT_MOST = 10.0  # seconds of looking for as many
LIST = (
    "SELECT expires_on, server_id, array_agg(address)::text,"
    " coalesce(array_agg(id) FILTER (WHERE apart), '{{}}') FROM ({}) AS doomed GROUP BY 1, 2"
)
DELETE = (
    "WITH gone AS (DELETE FROM content_encryptedobject"
    " WHERE expires_on = %s AND ctid = ANY({}) RETURNING size)"
    " SELECT count(*), coalesce(sum(size), 0)::bigint FROM gone"
)
Doomed = models.QuerySet[EncryptedObject]


@dataclass(frozen=True, slots=True)
class Destroyed:
    """What was taken away."""

    objects: int = 0
    bytes: int = 0

    def __add__(self, more: "Destroyed") -> "Destroyed":
        return Destroyed(self.objects + more.objects, self.bytes + more.bytes)


class _Listed(NamedTuple):
    """Some of one day's: their rows' addresses, as an array's text, and whose bytes lie apart."""

    expires_on: date
    server_id: UUID
    addresses: str
    apart: list[UUID]


def batches(doomed: Doomed) -> Iterator[Destroyed]:
    """Destroy all of it but what others have locked: a batch each time that the next one is asked
    for, within the transaction of whoever asks.

    Little goes at once, across the days. Much goes day by day, newest day first: what a device
    would have read first is skipped by no read any longer than it must be.
    """
    first = destroy(doomed)
    if first.objects:
        yield first
    if first.objects == BATCH:
        yield from _newest_first(doomed)


def destroy(doomed: Doomed, most: int | None = None) -> Destroyed:
    """Destroy up to BATCH objects, or up to `most`, bytes included."""
    listed = _list(doomed, BATCH if most is None else most)
    blobs.delete_many(blobs.BlobName(*day[:2], id) for day in listed for id in day.apart)
    return _delete("%s::tid[]", [(day.expires_on, day.addresses) for day in listed])


def destroy_inline(doomed: Doomed, day: date, most: int | None = None) -> Destroyed:
    """Destroy up to BATCH, or `most`, of one day's objects whose bytes lie in their rows.

    Twice as fast as through a list; by day, because through the parent it is not.
    """
    here = doomed.filter(expires_on=day, body__isnull=False).select_for_update(skip_locked=True)
    batch = here.values_list(RawSQL("ctid", []))[: BATCH if most is None else most]
    addresses, params = batch.query.sql_with_params()
    return _delete(f"ARRAY({addresses})", [(day, *params)])


def _newest_first(doomed: Doomed) -> Iterator[Destroyed]:
    """Days that have few make a batch together."""
    taken, until = Destroyed(), monotonic() + AT_MOST
    for step in _day_by_day(doomed):
        is_left = True
        while is_left:
            taken += step(most=BATCH - taken.objects)
            is_left = taken.objects == BATCH
            if is_left or monotonic() > until:
                yield taken
                taken, until = Destroyed(), monotonic() + AT_MOST
    if taken.objects:
        yield taken


def _day_by_day(doomed: Doomed) -> Iterator[Callable[..., Destroyed]]:
    for day in reversed(partitions.days()):
        yield partial(destroy_inline, doomed, day)
        yield partial(destroy, doomed.filter(expires_on=day))  # the rest


def _list(doomed: Doomed, most: int) -> list[_Listed]:
    """In an order that only the database sees: of a million rows, none comes here alone."""
    found = doomed.select_for_update(skip_locked=True).annotate(
        apart=models.Q(body=None), address=RawSQL("ctid", [])
    )
    named = found.values_list("expires_on", "server_id", "id", "apart", "address")[:most]
    sql, params = named.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(LIST.format(sql), params)
        return [_Listed(*row) for row in cursor]


def _delete(addresses: str, of_days: Sequence[tuple[Any, ...]]) -> Destroyed:
    """One message for all days: each costs more than what it asks for."""
    if not of_days:
        return Destroyed()
    statements = "; ".join([DELETE.format(addresses)] * len(of_days))
    with connection.cursor() as cursor:
        cursor.execute(statements, [value for each in of_days for value in each])
        return sum((Destroyed(*found.fetchone()) for found in cursor.results()), Destroyed())
