"""What open holds come to: from when on the orders of a server wait with their purge.

What must never happen: a hold makes content readable, keeps it available or lets it live past its
30 days; or it undoes a deletion that was ordered before it. What prevents it: reads never ask for
holds, nor does expiry; an order waits only while `Gate.held_since` is earlier than itself; and none
can be placed any more once a server is being deleted.
"""

from uuid import UUID

from content.models import DeletionOrder, Gate
from lifecycle.models import Hold


def settle(server_id: UUID) -> None:
    """Write what the open holds come to, where the purge and its pages look.

    While one of them is confidential and none that is disclosed stands, pages know no day.
    """
    held = Hold.objects.of(server_id).open()
    Gate.objects.filter(pk=server_id).update(
        held_since=held.since(), held_until=held.disclosed().until()
    )
    DeletionOrder.objects.begin_anew(server_id)
