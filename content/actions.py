"""What may be done to encrypted content, and to those who sent it. Each function is one act."""

from contextlib import suppress
from datetime import datetime
from uuid import UUID, uuid4

from accounts.models import Proposal
from accounts.notices import Kind
from audit.authority import SCHEDULE, Authority
from audit.recording import Entry, recording
from audit.vocabulary import Action
from enigm_command.lib import clock
from enigm_command.lib.doorbell import ring
from enigm_command.lib.wording import size
from membership.access import Access
from membership.models import Block, Membership
from servers.models import Server, Standing

from . import agreements, erasing, own_deletions, receipts
from .models import AlreadyPlaced, DeletionOrder, EncryptedObject, Gate, Withholding
from .removal import ACCESS_ALONE, Removal, Sent
from .room import Room
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
    Raises NeedsSecond, or NotOpen, where all content takes two administrators and there is but one.
    """
    if previewed is None:
        previewed = _count(server.pk, scope)
    with suppress(AlreadyPlaced), recording(Action.DELETION_ORDERED, by=by, server=server) as entry:
        order = DeletionOrder.objects.place(
            server.pk,
            scope,
            order_id=order_id,
            cutoff_at=cutoff_at,
            previewed=previewed,
            wakes=by != SCHEDULE,  # which carries on itself what it has placed
        )
        agreements.require(server, scope, by=by)
        entry.data |= {**_facts(order), "scope": scope.code, "count": previewed}
        entry.private |= {"reason": reason} if reason else {}
        if by != SCHEDULE:
            server.administrators.tell(Kind.DELETION_ORDERED, number=order.number)
    return DeletionOrder.objects.of(server.pk).get(pk=order_id)


def complete_deletion(order: DeletionOrder, *, by: Authority) -> None:
    """Say that an order is finished, having looked once more in every store.

    Raises StillSomethingLeft, or LeaseLost for a worker that was overtaken.
    """
    server = _server_of(order)
    with recording(Action.DELETION_COMPLETED, by=by, server=server) as entry:
        order.renew()
        order.refresh_from_db()
        finished_at = clock.now()
        receipt = receipts.write(order, look_again(order), finished_at)
        order.let_go(finished_at=finished_at)
        entry.data |= {**_facts(order), "removed": order.purged, "receipt": receipt.digest}
        if server.standing == Standing.DELETING:  # then more is going than this, and told as one
            ring("lifecycle.delete_server", order.pk)  # whose order has its own id
        else:
            server.administrators.tell(Kind.DELETION_COMPLETED, number=order.number)


def pause_purge(order: DeletionOrder, *, why: str, by: Authority) -> None:
    """Let the erasing of an order rest. What it covers stays unavailable. Raises NotUnderWay."""
    with recording(Action.PURGE_PAUSED, by=by, server=_server_of(order)) as entry:
        DeletionOrder.objects.pause(order)
        _say_stopped(order, why, entry)


def resume_purge(order: DeletionOrder, *, by: Authority) -> None:
    """Let the erasing of an order go on. Raises NotUnderWay."""
    with recording(Action.PURGE_RESUMED, by=by, server=_server_of(order)) as entry:
        DeletionOrder.objects.resume(order)
        entry.data |= _facts(order)


def abort_purge(order: DeletionOrder, *, why: str, by: Authority) -> None:
    """End the erasing of an order where it is: what is left is never available again, and goes by
    its own time. Raises NotUnderWay, or EndsWithServer."""
    server = _server_of(order)
    with recording(Action.PURGE_ABORTED, by=by, server=server) as entry:
        erasing.end_early(order, server, entry)
        _say_stopped(order, why, entry)


def propose_emptying(server: Server, *, reason: str = "", by: Authority) -> Proposal:
    """Ask a second administrator to agree that all content be deleted. Raises AlreadyProposed."""
    with recording(Action.EMPTYING_PROPOSED, by=by, server=server) as entry:
        proposal = agreements.propose(server, by=by)
        entry.private |= {"reason": reason} if reason else {}
        server.administrators.tell(Kind.EMPTYING_PROPOSED)
    return proposal


def decline_emptying(server: Server, proposal: Proposal, *, by: Authority) -> None:
    """Refuse, as another administrator, that all content be deleted. Raises NotOpen."""
    with recording(Action.EMPTYING_DECLINED, by=by, server=server):
        agreements.decline(proposal, by=by)


def withdraw_emptying(server: Server, proposal: Proposal, *, by: Authority) -> None:
    """Take back what one proposed oneself. Raises NotOpen."""
    with recording(Action.EMPTYING_WITHDRAWN, by=by, server=server):
        agreements.withdraw(proposal, by=by)


def remove_member(
    membership: Membership, removal: Removal = ACCESS_ALONE, *, by: Authority
) -> DeletionOrder | None:
    """End a membership from the next request on, and with it what `removal` says.

    Returns the order, if what they had sent is deleted.
    """
    order, previewed = None, _count(membership.server_id, Scope(author=membership.handle))
    with recording(Action.MEMBER_REMOVED, by=by, server=membership.server) as entry:
        Membership.objects.remove(membership)
        entry.private |= {"member": membership.shown_name, "handle": membership.short_handle}
        entry.private |= {"reason": removal.reason} if removal.reason else {}
        if removal.blocks:
            entry.data |= _block(membership, removal).facts
        if removal.sent == Sent.WITHHOLD:
            entry.data["withholding"] = str(_withhold_of(membership, removal.reason).pk)
        if removal.sent == Sent.DELETE:
            order = _order_of(membership, previewed)
            entry.data |= _facts(order)
    return order


def leave(access: Access, *, delete_content: bool, by: Authority) -> None:
    """End one's own membership, and with it, if wished, what one has sent. The entry has no name.

    Unlike an order, that deletion is one's own: it is told to nobody. Raises AlreadyRemoved.
    """
    with recording(Action.MEMBER_LEFT, by=by, server=access.server) as entry:
        Membership.objects.remove(access.membership)
        if delete_content:
            own_deletions.delete_all(access)
        entry.ends_warrant = True
        entry.data["sent"] = "deleted" if delete_content else "kept"


def withhold(
    server: Server,
    scope: Scope,
    *,
    ends_at: datetime | None = None,
    reason: str = "",
    by: Authority,
) -> Withholding:
    """Keep content from everyone until it is released or its end date comes. It still expires."""
    with recording(Action.CONTENT_WITHHELD, by=by, server=server) as entry:
        withholding = Withholding.objects.place(server.pk, scope, ends_at=ends_at, reason=reason)
        entry.data |= _withheld(withholding)
        entry.data |= {"scope": scope.code, "count": _count(server.pk, scope)}
        entry.private |= {"reason": reason} if reason else {}
    return withholding


def release(withholding: Withholding, *, by: Authority) -> None:
    """Hand out again what is left of withheld content. Raises AlreadyReleased."""
    server = Server.objects.get(pk=withholding.server_id)
    with recording(Action.CONTENT_RELEASED, by=by, server=server) as entry:
        Withholding.objects.release(withholding)
        entry.data |= _withheld(withholding)


def set_room(server: Server, room_bytes: int | None, *, reference: str, by: Authority) -> Room:
    """Let a server hold so many bytes, or with None as many as come. What it holds stays.

    Raises LessThanHeld. `reference` is the case that it belongs to.
    """
    with recording(Action.SERVER_ROOM_SET, by=by, server=server) as entry:
        room = Room.of(server.pk).resized(room_bytes)
        Gate.objects.filter(pk=server.pk).update(room_bytes=room.most)
        entry.data["room"] = "no limit" if room.most is None else size(room.most)
        entry.private["reference"] = reference
    return room


def _withheld(withholding: Withholding) -> dict[str, str | int | bool]:
    facts: dict[str, str | int | bool] = {"withholding": str(withholding.pk)}
    facts["number"] = withholding.number
    if withholding.ends_at:
        facts["ends_at"] = withholding.ends_at.isoformat(timespec="seconds")
    return facts


def _block(membership: Membership, removal: Removal) -> Block:
    until, server_id = removal.until, membership.server_id
    return Block.objects.place(server_id, membership.handle, until=until, reason=removal.reason)


def _withhold_of(membership: Membership, reason: str) -> Withholding:
    """What is withheld of them already stays withheld as it is."""
    scope, withholdings = Scope(author=membership.handle), Withholding.objects
    reached = {"author": scope.author, "kind": scope.kind}
    standing = withholdings.of(membership.server_id).in_force().filter(**reached).first()
    return standing or withholdings.place(membership.server_id, scope, reason=reason)


def _order_of(membership: Membership, previewed: int) -> DeletionOrder:
    server, scope = membership.server, Scope(author=membership.handle)
    order = DeletionOrder.objects.place(server.pk, scope, order_id=uuid4(), previewed=previewed)
    server.administrators.tell(Kind.DELETION_ORDERED, number=order.number)
    return order


def _say_stopped(order: DeletionOrder, why: str, entry: Entry) -> None:
    entry.data |= _facts(order)
    entry.private["reason"] = why
    _server_of(order).administrators.tell(Kind.ERASING_STOPPED, number=order.number)


def _server_of(order: DeletionOrder) -> Server:
    return Server.objects.get(pk=order.server_id)


def _facts(order: DeletionOrder) -> dict[str, str | int | bool]:
    return {"order": str(order.pk), "number": order.number}


def _count(server_id: UUID, scope: Scope) -> int:
    reached_until = scope.cutoff(clock.now())
    return EncryptedObject.objects.covered(server_id, scope, reached_until).count()
