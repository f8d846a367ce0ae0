"""Acts on what is bought: an operator's on requests, prices and invoices, an owner's on paying.

None of them touches a server, its members or its content.
"""

from audit.authority import Authority
from audit.recording import recording
from audit.vocabulary import Action
from enigm_command.lib import clock, doorbell
from servers.models import Server
from servers.models.invoice import Invoice
from servers.models.procurement import Procurement, ProcurementDecided
from servers.models.purchase import Plan, Purchase
from servers.models.subscription import Subscription
from servers.purchase import consequences, payments, pricing, reminders
from servers.purchase.providers.invoice import issue_next


class NotPossible(Exception):
    """The state of the payments, or of the invoice, does not allow it."""


def approve_procurement(procurement: Procurement, net_cents: int, *, by: Authority) -> None:
    """Sell at this price a month: the server is created, and the first invoice goes out."""
    purchase = procurement.purchase
    price = pricing.agreed(purchase.plan, purchase.seats, net_cents)
    with recording(Action.PROCUREMENT_APPROVED, by=by, server=None) as entry:
        Procurement.objects.decide(procurement, Procurement.Decision.APPROVED)
        if not Purchase.objects.mark_approved(purchase.pk, **price.facts):
            raise ProcurementDecided
        purchase.refresh_from_db()
        now = clock.now()
        issue_next(payments.begin(purchase, purchase.reference, paid_until=now, at=now))
        entry.data.update(purchase=str(purchase.pk), total=price.total)


def decline_procurement(procurement: Procurement, answer: str, *, by: Authority) -> None:
    """Do not sell, and say why to whoever asked."""
    with recording(Action.PROCUREMENT_DECLINED, by=by, server=None) as entry:
        Procurement.objects.decide(procurement, Procurement.Decision.DECLINED)
        asked = Purchase.objects.unanswered().filter(pk=procurement.purchase_id)
        if not asked.end(Purchase.State.CANCELLED):
            raise ProcurementDecided
        procurement.answer = answer
        procurement.save(update_fields=["answer"])
        entry.data["purchase"] = str(procurement.purchase_id)
        entry.private["answer"] = answer


def settle_invoice(invoice: Invoice, *, by: Authority) -> None:
    """Record that the money for an invoice has arrived; its month is paid."""
    with recording(Action.INVOICE_SETTLED, by=by, server=None) as entry:
        if not Invoice.objects.settle(invoice.pk):
            raise NotPossible
        Subscription.objects.renew(
            invoice.subscription_id, period_end=invoice.period_end, at=clock.now()
        )
        entry.data["number"] = invoice.title
        reminders.received(invoice.subscription.purchase, invoice.period_end)


def edit_plan(plan: Plan, *, unit_cents: int | None, people: int, by: Authority) -> None:
    """Change the price list for what is bought from now on; what was bought keeps its price."""
    with recording(Action.PLAN_EDITED, by=by, server=None) as entry:
        plan.unit_cents, plan.people = unit_cents, people
        plan.save(update_fields=["unit_cents", "people"])
        price = pricing.unit_price(plan)
        entry.data |= {"plan": plan.code, "price": price, "people": people}


def change_plan(
    server: Server, subscription: Subscription, price: pricing.Quote, *, by: Authority
) -> None:
    """Pay for another plan or number of people from the next charge on. Nothing else changes."""
    with recording(Action.PLAN_CHANGED, by=by, server=server) as entry:
        if not Subscription.objects.change(
            subscription.pk,
            price.plan,
            price.seats,
            allowed_in=consequences.that("plan_can_change"),
            **price.facts,
        ):
            raise NotPossible
        doorbell.ring("servers.tell_provider", subscription.pk)
        entry.data.update(plan=price.plan.code, people=price.seats)


def cancel_subscription(server: Server, subscription: Subscription, *, by: Authority) -> None:
    """Charge no more once the paid period is over. What follows from that, stands in the table."""
    with recording(Action.SUBSCRIPTION_CANCELLED, by=by, server=server):
        if not Subscription.objects.filter(pk=subscription.pk).cancel():
            raise NotPossible
        doorbell.ring("servers.tell_provider", subscription.pk)
