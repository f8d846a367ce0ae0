"""From a paid or approved purchase to a server: pulled, so that buying knows nothing of it.

A server comes to be in one transaction with its entry in the log: claimed purchase, key, first
policy, gate, first administrator, Server ID. A worker that dies at any point leaves nothing of it,
and whoever takes the lease next begins again; two at once cannot both claim the purchase.
"""

from uuid import UUID

from django.db.models import F

from content.models import Gate
from enigm_command.lib import locator, progress, vault
from enigm_command.lib.clock import ClockNow
from enigm_command.lib.progress import Told
from lifecycle.models import Creation
from servers import policy
from servers.models import Administrator, PolicyVersion, Server
from servers.models.purchase import Purchase

STEPS = 4
MEANWHILE = "What you paid for is not lost."


class NotPaid(Exception):
    """Behind this creation is no paid or approved purchase, or its server exists already."""


def begin_paid(purchase_id: UUID) -> Creation | None:
    """Take up the work on a paid or approved purchase; None if it is neither, done, or held."""
    if not Purchase.objects.creatable().filter(pk=purchase_id).exists():
        return None
    begun, _ = Creation.objects.get_or_create(purchase_id=purchase_id)
    held = Creation.objects.claim(begun.pk)
    if held:
        held.renew(attempts=F("attempts") + 1)
    return held


def planned(creation: Creation) -> Server:
    """The server as it was bought, not made yet."""
    purchase = Purchase.objects.get(pk=creation.purchase_id)
    return Server(
        name=purchase.name,
        region=purchase.region,
        owner_id=purchase.buyer_id,
        locator=locator.make(),
    )


def make(server: Server, creation: Creation) -> None:
    """Everything a server consists of; NotPaid or LeaseLost undo it all."""
    vault.make_key(server.pk)
    server.save(force_insert=True)
    Administrator.objects.create(server=server, account_id=server.owner_id)
    PolicyVersion.objects.create(server=server, number=1, **policy.defaults())
    Gate.objects.open(server.pk)
    if not Purchase.objects.fulfil(creation.purchase_id, server):
        raise NotPaid
    creation.renew(server=server, finished_at=ClockNow())


def tell(purchase: Purchase) -> Told:
    """Read from the rows alone: what is not committed is not shown."""
    if purchase.server_id:
        return Told(STEPS, STEPS, "Your server is ready.", finished=True)
    creation = progress.watched(Creation.objects.filter(purchase_id=purchase.pk)).first()
    waiting = creation or progress.watched(Purchase.objects.filter(pk=purchase.pk)).get()
    worker = progress.worker(waiting, MEANWHILE)
    return Told(1, STEPS, _stage(purchase, creation), worker=worker)


def secured_by(purchase: Purchase) -> str:
    """The first step on the way to a server, as a page names it."""
    return "Payment received" if purchase.paid_at else "Request approved"


def _stage(purchase: Purchase, creation: Creation | None) -> str:
    if creation is None:
        return f"{secured_by(purchase)}. The server is created next."
    if creation.attempts > 1:
        return "This takes longer than usual and is being tried again."
    return "The server is being created."
