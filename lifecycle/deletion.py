"""Ending a server for good.

What must never happen: something of a deleted server stays readable, or a server is destroyed
before its time or against a deletion that was called off. What prevents it: nothing begins before
`due_at`, after which nobody can call it off; the steps go from the outside in, and each is done
before the next one begins:

1. An order over all content, placed by the schedule: dark at commit, then purged to a second count
   of zero, with a receipt like any other order. It has the deletion's own id, so it is placed once.
2. In one transaction with the entry "deleted": memberships and join requests go, the log's personal
   values are erased by an entry of their own, the name goes, the receipt is written, whose digest
   that entry holds, and last the key goes. What any backup still holds of the server opens only as
   long as that backup's own copy of the wrapped key lives.
3. The log is signed as it stands. It takes no entry any more: the database refuses what would
   follow the entry "deleted".

The server's row stays as the tombstone: its id and Server ID, so that neither is given out again,
its region, its dates. A worker that dies anywhere in between is followed by another, at that step.
Its administrators can look up log and receipt until the retention sweep forgets the server.
"""

import logging

from audit import checkpoint
from audit.authority import SCHEDULE
from audit.erasure import erase_stream
from content.actions import order_deletion
from content.models import DeletionOrder, Withholding
from content.purge import advance
from content.scope import EVERYTHING
from enigm_command.lib import clock, vault
from enigm_command.lib.clock import ClockNow
from lifecycle import receipts
from lifecycle.models import ServerDeletion
from membership.models import Block, FormerMember, JoinRequest, Membership
from servers.models import Server

REASON = "the server was deleted"

log = logging.getLogger(__name__)


def content_is_gone(deletion: ServerDeletion) -> bool:
    """Order everything deleted, once, and carry the purge further; True when nothing is left."""
    orders = DeletionOrder.objects.filter(pk=deletion.pk)
    if not orders.exists():
        order_deletion(deletion.server, EVERYTHING, order_id=deletion.pk, by=SCHEDULE)
    advance(deletion.pk)
    deletion.renew()
    return orders.get().is_finished


def destroy(deletion: ServerDeletion) -> dict[str, int | str]:
    """Close what concerns people, erase what is personal, destroy the key; what the log says of it.

    Only within the act that records it.
    """
    server, finished_at = deletion.server, clock.now()
    members, _ = Membership.objects.filter(server=server).delete()
    join_requests, _ = JoinRequest.objects.filter(server=server).delete()
    Block.objects.of(server).delete()
    FormerMember.objects.of(server).delete()
    Withholding.objects.of(server.pk).close()
    erased = erase_stream(server.pk, REASON)
    closed = {"members": members, "join_requests": join_requests, "log_values": erased}
    receipt = receipts.write(deletion, closed, finished_at)
    Server.objects.filter(pk=server.pk).update(name=None)
    deletion.renew(
        finished_at=finished_at, members_closed=members, join_requests_closed=join_requests
    )
    vault.destroy_key(server.pk)
    return {"members": members, "join_requests": join_requests, "receipt": receipt.digest}


def close_log(deletion: ServerDeletion) -> None:
    """Sign the log, which will not grow any more; what cannot be signed is tried again."""
    try:
        checkpoint.latest(deletion.server_id)
    except checkpoint.Inconsistent:
        log.error("the log of a deleted server does not continue what was signed before")
        deletion.let_go()
    else:
        deletion.let_go(log_closed_at=ClockNow())
