"""How far the erasing of an order has come, as pages tell it."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from enigm_command.lib import progress, wording
from enigm_command.lib.progress import Mark, Told

from .models import DeletionOrder

MEANWHILE = "Nothing of what was deleted is served meanwhile."


def watched(orders: QuerySet[DeletionOrder]) -> QuerySet[DeletionOrder]:
    """With what `tell` reads: an order that rests or waits for a hold needs no worker."""
    carried = DeletionOrder.objects.unfinished().filter(pk=OuterRef("pk"))
    return progress.watched(orders).annotate(is_carried=Exists(carried))


def look_at(order: Any) -> Mark:
    """The counter of a watched order at this moment."""
    return Mark(order.purged, order.seen_at)


def tell(order: Any, since: Mark | None = None) -> Told:
    """What a page shows of a watched order; `since` is an earlier look at it."""
    total = max(order.previewed or 0, order.purged)
    return Told(
        done=order.purged,
        total=total,
        text=f"{wording.grouped(order.purged)} of {wording.counted(total, 'object')} erased",
        pace=progress.pace(since, look_at(order), total, "object") if order.is_carried else "",
        worker=progress.worker(order, MEANWHILE) if order.is_carried else "",
        finished=order.is_finished,
    )
