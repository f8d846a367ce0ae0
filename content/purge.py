"""Catching up with deletion orders: the rows and bytes that nobody is served any more.

What must never happen: an order is called finished while something it covers is left, or two
workers count the same rows. What prevents it: every batch renews the lease under its own fence in
the transaction that deletes, and "finished" is said only after a second look that finds nothing.
"""

from collections.abc import Iterator
from contextlib import suppress
from time import monotonic
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from audit import checkpoint
from audit.authority import SCHEDULE
from enigm_command.lib.doorbell import ring
from enigm_command.lib.leases import LeaseLost

from .actions import complete_deletion
from .destruction import Destroyed
from .models import DeletionOrder
from .stores import STORES, StillSomethingLeft

SLICE = 30.0  # seconds of work before a worker makes room for other orders


def advance(order_id: UUID) -> None:
    """Carry one order as far as a slice of time allows; nothing if another worker holds it."""
    if order := DeletionOrder.objects.claim(order_id):
        with suppress(LeaseLost):  # whoever overtook this worker carries it on
            _carry(order)


def destroy_batch(order: DeletionOrder, batches: Iterator[Destroyed]) -> Destroyed | None:
    """Take the next batch and count it, under the fence of this worker's lease; None when there is
    no other."""
    with transaction.atomic():
        order.renew()
        if destroyed := next(batches, None):
            _wait_for_no_disk()
            order.renew(
                purged=F("purged") + destroyed.objects,
                purged_bytes=F("purged_bytes") + destroyed.bytes,
            )
    return destroyed


def _carry(order: DeletionOrder) -> None:
    if not _empty_stores(order, until=monotonic() + SLICE):
        order.let_go()
        ring("content.purge", order.pk)
        return
    with suppress(checkpoint.Inconsistent):  # the receipt names what the log signs now, if it can
        checkpoint.latest(order.server_id)
    try:
        complete_deletion(order, by=SCHEDULE)
    except StillSomethingLeft:  # in the hands of another purge: the sweep comes back
        order.let_go()


def _wait_for_no_disk() -> None:
    """Let this transaction's end not wait for the disk: the order's end waits for all before it.

    If the database dies first, rows and their count come back together, as dark as they were.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit TO off")


def _empty_stores(order: DeletionOrder, *, until: float) -> bool:
    """True when every store was emptied; False when the time is up."""
    for store in STORES:
        batches = store.batches(order)
        while destroy_batch(order, batches):
            if monotonic() > until:
                return False
    return True
