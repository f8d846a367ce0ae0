"""Ending a server for good.

What must never happen: something of a deleted server stays readable, or a server is destroyed
before its time or against a deletion that was called off. What prevents it: nothing begins before
`due_at`, after which nobody can call it off; the steps go from the outside in, and each is done
before the next one begins:

1. An order over all content, placed by the schedule: dark at commit, then purged to a second count
   of zero, with a receipt like any other order. It has the deletion's own id, so it is placed once.
2. In one transaction with the entry "deleted": memberships and join requests go, the log's personal
   values are erased by an entry of their own, the name goes, and last the key. What any backup
   still holds of the server opens only as long as that backup's own copy of the wrapped key lives.

The server's row stays as the tombstone: its id and Server ID, so that neither is given out again,
its region, its dates. A worker that dies anywhere in between is followed by another, at that step.
"""

from audit.authority import SCHEDULE
from audit.erasure import erase_stream
from content.actions import order_deletion
from content.models import DeletionOrder
from content.purge import advance
from content.scope import EVERYTHING
from enigm_command.lib import vault
from enigm_command.lib.clock import ClockNow
from lifecycle.models import ServerDeletion
from membership.models import JoinRequest, Membership
from servers.models import Server

REASON = "the server was deleted"


def content_is_gone(deletion: ServerDeletion) -> bool:
    """Order everything deleted, once, and carry the purge further; True when nothing is left."""
    orders = DeletionOrder.objects.filter(pk=deletion.pk)
    if not orders.exists():
        order_deletion(deletion.server, EVERYTHING, order_id=deletion.pk, by=SCHEDULE)
    advance(deletion.pk)
    deletion.renew()
    return orders.get().is_finished


def destroy(deletion: ServerDeletion) -> dict[str, int]:
    """Close what concerns people, erase what is personal, destroy the key; what was closed.

    Only within the act that records it.
    """
    server = deletion.server
    members, _ = Membership.objects.filter(server=server).delete()
    join_requests, _ = JoinRequest.objects.filter(server=server).delete()
    erase_stream(server.pk, REASON)
    Server.objects.filter(pk=server.pk).update(name=None)
    deletion.let_go(
        finished_at=ClockNow(), members_closed=members, join_requests_closed=join_requests
    )
    vault.destroy_key(server.pk)
    return {"members": members, "join_requests": join_requests}
