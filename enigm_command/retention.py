"""What is kept too long goes, by the register of records and by nothing else.

What must never happen: something outlives the time that `/knows/` states, or something goes that a
hold, the law or somebody's business with it still needs. What prevents it: every lifetime of the
register names what ends it, and a test refuses one that does not, or that names this sweep without
being listed here. Rows that refer to others go before them, and the database refuses the reverse.
A server on which a hold lies is passed over: its gate says so, whoever placed the hold.

Content is none of this module's business: it goes by its own clock, hold or not. What kept it in
the dark is forgotten here, long after it could have been alive, and the database refuses it before.
"""

from collections.abc import Iterator
from typing import Any

from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Now

from content.models import AgeReached, CountedDay, Cutoff, DeletionOrder, Gate, ObjectCount
from enigm_command.lib.models import SweepRun
from enigm_command.lib.records import Record
from enigm_command.register import REGISTER
from membership.models import JoinRequest
from servers.models import Acceptance, Server, Standing
from servers.models.invoice import Invoice
from servers.models.payment import PaymentEvent, Refund
from servers.models.procurement import Procurement
from servers.models.purchase import Purchase
from servers.models.server import KEPT_AFTER_DELETION
from servers.models.subscription import Subscription
from servers.records import IN_POWER, WITH_SERVER

BATCH = 1000  # rows that go in one transaction

# Each says of its own rows which are `forgettable()`. What refers to another comes before it.
BY_THE_CLOCK: tuple[type[Model], ...] = (
    ObjectCount,
    CountedDay,
    AgeReached,
    DeletionOrder,
    Cutoff,
    JoinRequest,
    Acceptance,
    Invoice,
    Subscription,
    Refund,
    PaymentEvent,
    Procurement,
    Purchase,
)


def forget(run: SweepRun) -> None:
    """Forget all that no server's end waits for, batch by batch."""
    known = {record.model: record for record in REGISTER}
    for model in BY_THE_CLOCK:
        while _forget_batch(known[model]):
            run.renew()
    JoinRequest.objects.rejected_for_good().exclude(server__in=_held()).forget_names()


def ended_servers() -> QuerySet[Server]:
    """Those whose end is long enough ago, and bare tombstones that no purchase needs any more."""
    long_ago = Q(deletions__finished_at__lt=Now() - KEPT_AFTER_DELETION)
    bare = Q(deletions__isnull=True, purchase__isnull=True)
    deleted = Server.objects.filter(standing=Standing.DELETED)
    return deleted.filter(long_ago | bare).exclude(pk__in=_held()).distinct()


def forget_server(server: Server) -> int:
    """Forget what stayed of a server beside its log; how many rows. Only within the act of it.

    The tombstone itself stays as long as a purchase refers to it.
    """
    gone = sum(_delete(record, server) for record in ending_with_their_server())
    if not Purchase.objects.filter(server=server).exists():
        gone += Server.objects.filter(pk=server.pk).delete()[0]
    return gone


def ending_with_their_server() -> Iterator[Record]:
    """The tables whose rows go when their server is forgotten, the highest app's first."""
    for record in reversed(REGISTER):
        if record.kept in (WITH_SERVER, IN_POWER):
            yield record


def _held() -> QuerySet[Gate, Any]:
    """The servers of which nothing is to be forgotten for now."""
    return Gate.objects.filter(held_since__isnull=False).values("server_id")


def _forget_batch(record: Record) -> int:
    assert not isinstance(record.model, str)
    rows = record.model._default_manager
    doomed = rows.forgettable()  # type: ignore[attr-defined]
    if record.of_server:
        doomed = doomed.exclude(**{f"{record.of_server}__in": _held()})
    return rows.filter(pk__in=doomed.values("pk")[:BATCH]).delete()[0]


def _delete(record: Record, server: Server) -> int:
    assert not isinstance(record.model, str), "the application may delete from tables with a model"
    return record.model._default_manager.filter(**{record.of_server: server.pk}).delete()[0]
