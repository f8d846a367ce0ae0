"""What may be done to encrypted content, and to those who sent it. Each function is one act."""

from contextlib import suppress
from datetime import datetime
from uuid import UUID, uuid4

from accounts.notices import Kind
from audit.authority import SCHEDULE, Authority
from audit.recording import recording
from audit.vocabulary import Action
from enigm_command.lib import clock
from membership.models import Membership
from servers.models import Server, Standing

from . import receipts
from .models import AlreadyPlaced, DeletionOrder, EncryptedObject
from .scope import Scope
from .stores import look_again


def order_deletion(
    server: Server,
    scope: Scope,
    *,
    order_id: UUID,
    cutoff_at: datetime | None = None,
    previewed: int | None = None,
    reason: str = "",
    by: Authority,
) -> DeletionOrder:
    """Make content unavailable now, and destroy it as fast as the workers can.

    `cutoff_at` and `previewed` come from the review. The same `order_id` again is the same order.
    """
    if previewed is None:
        previewed = _count(server.pk, scope)
    with suppress(AlreadyPlaced), recording(Action.DELETION_ORDERED, by=by, server=server) as entry:
        order = DeletionOrder.objects.place(
            server.pk, scope, order_id=order_id, cutoff_at=cutoff_at, previewed=previewed
        )
        entry.data |= {**_facts(order), "scope": scope.code, "count": previewed}
        entry.private |= {"reason": reason} if reason else {}
        if by != SCHEDULE:
            server.administrators.tell(Kind.DELETION_ORDERED, number=order.number)
    return DeletionOrder.objects.of(server.pk).get(pk=order_id)


def complete_deletion(order: DeletionOrder, *, by: Authority) -> None:
    """Say that an order is finished, having looked once more in every store.

    Raises StillSomethingLeft, or LeaseLost for a worker that was overtaken.
    """
    server = Server.objects.get(pk=order.server_id)
    with recording(Action.DELETION_COMPLETED, by=by, server=server) as entry:
        order.renew()
        order.refresh_from_db()
        finished_at = clock.now()
        receipt = receipts.write(order, look_again(order), finished_at)
        order.let_go(finished_at=finished_at)
        entry.data |= {**_facts(order), "removed": order.purged, "receipt": receipt.digest}
        if server.standing != Standing.DELETING:  # then more is going than this, and told as one
            server.administrators.tell(Kind.DELETION_COMPLETED, number=order.number)


def remove_member(
    membership: Membership, *, delete_content: bool, by: Authority
) -> DeletionOrder | None:
    """End a membership from the next request on, and with it, if wished, what they had sent."""
    scope, order = Scope(author=membership.handle), None
    previewed = _count(membership.server_id, scope)
    with recording(Action.MEMBER_REMOVED, by=by, server=membership.server) as entry:
        Membership.objects.remove(membership)
        if delete_content:
            order = DeletionOrder.objects.place(
                membership.server_id, scope, order_id=uuid4(), previewed=previewed
            )
            entry.data |= _facts(order)
            membership.server.administrators.tell(Kind.DELETION_ORDERED, number=order.number)
        entry.private["member"] = membership.shown_name
    return order


def _facts(order: DeletionOrder) -> dict[str, str | int | bool]:
    return {"order": str(order.pk), "number": order.number}


def _count(server_id: UUID, scope: Scope) -> int:
    return EncryptedObject.objects.covered(server_id, scope, clock.now()).count()
