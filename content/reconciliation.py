"""Comparing storage with the table: bytes without a row go, rows without bytes say so.

What must never happen: bytes of a living object are taken for a stray, or an object is given up
that a late listing did not show. What prevents it: storage is listed before rows are read, and a
row comes before its bytes and goes after them, so what lay there and has no row then has none for
good. Young bytes are left to their upload, and bytes of no server that we know are left alone: they
are somebody else's. What a listing misses is asked for by name. A row without bytes is kept and
marked: nobody is served it, orders reach it, and if the bytes are there again it is served again.

Each region has its slice of time and its own mistakes: one whose storage is away stops no other.
"""

import logging
from collections.abc import Collection
from datetime import datetime
from time import monotonic
from typing import NamedTuple

from django.db import transaction

from enigm_command.lib import clock
from enigm_command.lib.leases import LeaseLost
from enigm_command.lib.models import SweepRun
from servers.models import Server
from servers.regions import Region

from . import blobs, partitions
from .blob_names import BlobName
from .blobs import ObjectStorage
from .expiry import PATIENCE
from .models import Comparison, EncryptedObject, State

SLICE = 20.0  # seconds for a region; the next run goes on where this one broke off
PAGE = 500  # names or rows
TELLS = "%s: bodies without a row, removed: %d; rows whose body is missing: %d; found again: %d"
log = logging.getLogger(__name__)


class _Row(NamedTuple):
    name: BlobName
    state: str
    received_at: datetime


class _Page(NamedTuple):
    """One stretch of names, whole on both sides. `end` None: there is nothing after it."""

    began_at: datetime
    lying: dict[BlobName, datetime]
    rows: dict[BlobName, _Row]
    end: BlobName | None

    def strays(self) -> list[BlobName]:
        """What no row names, and no upload that is still on its way."""
        before = self.began_at - PATIENCE
        return [name for name in self.lying.keys() - self.rows if self.lying[name] < before]

    def unseen(self) -> list[BlobName]:
        """What was whole before storage was listed, and was not in the list."""
        missed = [self.rows[name] for name in self.rows.keys() - self.lying]
        ready = [row for row in missed if row.state == State.READY]
        return [row.name for row in ready if row.received_at < self.began_at]

    def found_again(self) -> list[BlobName]:
        """What was given up and lies there after all."""
        return [n for n in self.rows.keys() & self.lying if self.rows[n].state == State.LOST]


def advance(run: SweepRun) -> None:
    """Compare for a slice of time in each region; what went wrong in any is raised at the end."""
    Comparison.objects.forgettable().delete()
    failed = []
    for region in Region.values:
        try:
            _compare_region(run, region, until=monotonic() + SLICE)
        except LeaseLost:
            raise
        except Exception as error:
            failed.append(error)
    if failed:
        raise ExceptionGroup("storage was not compared", failed)


def _compare_region(run: SweepRun, region: str, *, until: float) -> None:
    storage = blobs.storage_in(region)
    storage.forget_unfinished(clock.now() - PATIENCE)
    there = set(storage.days())
    for comparison in Comparison.objects.by_turns(region, there.union(partitions.days())):
        is_unfinished = True
        while is_unfinished:
            if monotonic() > until:
                return
            run.renew()
            page = _page(storage, comparison, is_empty=comparison.expires_on not in there)
            is_unfinished = _compare_page(run, storage, comparison, page)


def _compare_page(
    run: SweepRun, storage: ObjectStorage, comparison: Comparison, page: _Page
) -> bool:
    """Lay one stretch of storage beside one of rows; True if there is more of this day."""
    strays = _ours(page.strays())
    storage.delete_many(str(name) for name in strays)
    missing = [name for name in page.unseen() if not _exists(run, storage, name)]
    with transaction.atomic():
        run.renew()
        lost = _mark(missing, State.READY, State.LOST)
        found = _mark(page.found_again(), State.LOST, State.READY)
        comparison.reach(page.end)
    if strays or lost or found:
        log.warning(TELLS, comparison.region, len(strays), lost, found)
    return page.end is not None


def _page(storage: ObjectStorage, comparison: Comparison, *, is_empty: bool) -> _Page:
    """Storage is listed first, but for a day that was empty just now: most are. Where either side
    has more, the stretch ends with the shorter."""
    began_at = clock.now()
    lying = [] if is_empty else storage.listed(comparison.expires_on, comparison.after, PAGE)
    rows = _rows(comparison)
    ends = [side[-1].name for side in (lying, rows) if len(side) == PAGE]
    end = min(ends, default=None)
    return _Page(
        began_at,
        {each.name: each.since for each in lying if end is None or each.name <= end},
        {each.name: each for each in rows if end is None or each.name <= end},
        end,
    )


def _rows(comparison: Comparison) -> list[_Row]:
    day, after = comparison.expires_on, BlobName.parse(comparison.after)
    here = Server.objects.filter(region=comparison.region).values("pk")
    apart = EncryptedObject.objects.filter(expires_on=day, server_id__in=here, body=None)
    later = apart.filter(pk__gt=tuple(after)) if after else apart
    found = later.order_by("pk").values_list("server_id", "id", "state", "received_at")
    return [_Row(BlobName(day, *row[:2]), *row[2:]) for row in found[:PAGE]]


def _ours(names: Collection[BlobName]) -> list[BlobName]:
    """Those of servers that we know; their rows stay even when they are deleted."""
    known = Server.objects.in_bulk({name.server_id for name in names})
    return [name for name in names if name.server_id in known]


def _exists(run: SweepRun, storage: ObjectStorage, name: BlobName) -> bool:
    """One look at one body. Many of them take a while."""
    run.renew()
    return storage.exists(str(name))


def _mark(names: Collection[BlobName], before: State, after: State) -> int:
    """Rows that somebody is destroying just now are left to them."""
    if not names:  # as on most days
        return 0
    named = EncryptedObject.objects.filter(pk__in=[tuple(name) for name in names], state=before)
    mine = named.select_for_update(skip_locked=True).values_list("pk", flat=True)
    return EncryptedObject.objects.filter(pk__in=list(mine)).update(state=after)
