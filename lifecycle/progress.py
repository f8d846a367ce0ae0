"""How far the deletion of a whole server has come, as its page tells it."""

from typing import Any

from content import progress as erasing
from content.models import DeletionOrder
from enigm_command.lib import progress
from enigm_command.lib.progress import Mark, Told

MEANWHILE = "The server stays unavailable meanwhile."


def tell(deletion: Any, since: Mark | None = None) -> tuple[Told, Mark | None]:
    """What a page shows of a watched deletion whose time has come, and the look at its counter.

    What takes long is its content. Its order has the deletion's own id.
    """
    orders = DeletionOrder.objects.of(deletion.server_id).filter(pk=deletion.pk)
    order = erasing.watched(orders).first()
    if order and not order.is_finished:
        return erasing.tell(order, since), erasing.look_at(order)
    return _around(deletion, order), None


def _around(deletion: Any, order: DeletionOrder | None) -> Told:
    """What comes before its content is erased, and after."""
    if deletion.finished_at:
        return Told(1, 1, "The server is deleted.", finished=True)
    worker = progress.worker(deletion, MEANWHILE)
    if order is None:
        return Told(0, 1, "Its time has come. Its content is erased first.", worker=worker)
    return Told(1, 1, "Content erased. Memberships, names and the key go next.", worker=worker)
