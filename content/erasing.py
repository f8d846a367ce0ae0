"""What operators do to the physical part of a deletion: let it rest, go on, or end where it is.

What was ordered stays in the dark whatever they do: cutoffs are not touched here, and nothing else
makes content available. What is left when a purge is ended early goes by its own time.
"""

from django.db.models import Max

from audit.recording import Entry
from servers.models import Server, Standing

from . import receipts, stores
from .models import DeletionOrder


class EndsWithServer(Exception):
    """The server is being deleted: its key may only go when its content has."""


def end_early(order: DeletionOrder, server: Server, entry: Entry) -> None:
    """End the purge and write the receipt of how far it came. Only within the act that records it.

    Raises EndsWithServer, or NotUnderWay.
    """
    if server.standing == Standing.DELETING:
        raise EndsWithServer
    DeletionOrder.objects.abort(order)
    left = stores.count_left(order)
    gone_by = order.covered().aggregate(last=Max("expires_on"))["last"]
    assert order.finished_at is not None, "an order that was ended is finished"
    receipt = receipts.write(order, left, order.finished_at, gone_by=gone_by)
    entry.data |= {"removed": order.purged, "left": sum(left.values()), "receipt": receipt.digest}
