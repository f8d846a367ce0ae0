"""What a provider's word does. Every way of paying ends here, and nowhere else is a purchase paid.

One word is taken in in one transaction: the purchase's row is locked, so that words about one
purchase are heard one after the other; the event's id is kept together with its effect, so that a
repeated or parallel delivery finds it and changes nothing. Words can come in any order.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from enigm_command.lib import clock, doorbell
from servers.models.invoice import Invoice
from servers.models.payment import PaymentEvent, Refund
from servers.models.purchase import Purchase
from servers.models.subscription import Subscription
from servers.purchase import reminders


@dataclass(frozen=True, slots=True)
class Payment:
    """Money has arrived. `reference` and `invoice` are the provider's own names for the
    subscription and for this payment's invoice.
    """

    event: str
    reference: str
    invoice: str
    cents: int
    currency: str
    at: datetime
    paid_until: datetime


def receive(purchase_id: UUID, payment: Payment) -> bool:
    """A payment pays the purchase, renews its subscription, or is owed back. False when known."""
    with transaction.atomic():
        purchase = _locked(purchase_id)
        if not PaymentEvent.objects.take_in(purchase, payment.event):
            return False
        reason = _objection(purchase, payment)
        if reason:
            _owe(purchase, payment, reason)
        else:
            _book(purchase, payment)
    return True


def fail(purchase_id: UUID, event: str, *, at: datetime) -> bool:
    """A later payment of a subscription failed. A first one that failed may still be made."""
    with transaction.atomic():
        purchase = _locked(purchase_id)
        if PaymentEvent.objects.take_in(purchase, event):
            concerned = Subscription.objects.filter(purchase=purchase)
            if concerned.put_in_grace(at=at):
                reminders.failed(concerned.get())
                return True
    return False


def give_up(purchase_id: UUID, event: str) -> bool:
    """The buyer can no longer pay this purchase where it was begun."""
    with transaction.atomic():
        purchase = _locked(purchase_id)
        is_news = PaymentEvent.objects.take_in(purchase, event)
        waiting = Purchase.objects.open().filter(pk=purchase.pk)
        return bool(is_news and waiting.end(Purchase.State.EXPIRED))


def stop(purchase_id: UUID, event: str, reference: str, *, ended_at: datetime | None) -> bool:
    """The subscription was cancelled at the provider, and is over if it says since when."""
    with transaction.atomic():
        purchase = _locked(purchase_id)
        concerned = Subscription.objects.filter(purchase=purchase, reference=reference)
        if not PaymentEvent.objects.take_in(purchase, event):
            return False
        stopped = concerned.cancel(by_provider=True)
        return bool(ended_at and concerned.close(at=ended_at)) or stopped


def go_on(purchase_id: UUID, event: str, reference: str) -> bool:
    """The subscription is not cancelled at the provider, or no longer."""
    with transaction.atomic():
        purchase = _locked(purchase_id)
        concerned = Subscription.objects.filter(purchase=purchase, reference=reference)
        is_news = PaymentEvent.objects.take_in(purchase, event)
        return is_news and concerned.resume()


def note_refund(invoice: Invoice, event: str, cents: int) -> bool:
    """So much of an invoice was given back in all. It changes nothing else."""
    with transaction.atomic():
        purchase = _locked(invoice.subscription.purchase_id)
        is_news = PaymentEvent.objects.take_in(purchase, event)
        return is_news and Invoice.objects.note_refund(invoice.pk, cents)


def begin(
    purchase: Purchase, reference: str, *, paid_until: datetime, at: datetime
) -> Subscription:
    """The subscription of a purchase that was just paid or approved."""
    return Subscription.objects.create(
        purchase=purchase,
        plan=purchase.plan,
        seats=purchase.seats,
        total_cents=purchase.total_cents,
        tax_cents=purchase.tax_cents,
        tax_label=purchase.tax_label,
        currency=purchase.currency,
        reference=reference,
        period_end=paid_until,
        told_at=at,
    )


def a_month_after(at: datetime) -> datetime:
    """The same day of the next month, or its last day."""
    year, month = (at.year, at.month + 1) if at.month < 12 else (at.year + 1, 1)
    return at.replace(year=year, month=month, day=min(at.day, monthrange(year, month)[1]))


def _locked(purchase_id: UUID) -> Purchase:
    held = Purchase.objects.select_for_update(of=("self",)).select_related("plan")
    return held.get(pk=purchase_id)


def _objection(purchase: Purchase, payment: Payment) -> Refund.Reason | None:
    """Why this money buys nothing; None when it is welcome."""
    if purchase.is_secured:
        return _objection_of(purchase.subscription, payment)
    if purchase.state != Purchase.State.AWAITING_PAYMENT:
        return Refund.Reason.ENDED
    agreed = (purchase.total_cents, purchase.currency)
    return None if (payment.cents, payment.currency) == agreed else Refund.Reason.AMOUNT


def _objection_of(subscription: Subscription, payment: Payment) -> Refund.Reason | None:
    if subscription.reference != payment.reference:
        return Refund.Reason.TWICE
    is_late = subscription.closed_at and payment.at > subscription.closed_at
    return Refund.Reason.ENDED if is_late else None


def _owe(purchase: Purchase, payment: Payment, reason: Refund.Reason) -> None:
    Purchase.objects.open().filter(pk=purchase.pk).end(Purchase.State.CANCELLED)
    refund, _ = Refund.objects.get_or_create(
        purchase=purchase,
        reference=payment.invoice,
        defaults={"cents": payment.cents, "currency": payment.currency, "reason": reason},
    )
    doorbell.ring("servers.refund", refund.pk)


def _book(purchase: Purchase, payment: Payment) -> None:
    if Purchase.objects.mark_paid(purchase.pk):
        subscription = begin(
            purchase, payment.reference, paid_until=payment.paid_until, at=payment.at
        )
    else:
        subscription = purchase.subscription
        Subscription.objects.renew(subscription.pk, period_end=payment.paid_until, at=payment.at)
    Invoice.objects.issue(
        subscription,
        payment.invoice,
        total_cents=payment.cents,
        tax_cents=_share_of_tax(subscription, payment.cents),
        period_begin=payment.at,
        period_end=payment.paid_until,
        paid_at=clock.now(),
    )
    reminders.received(purchase, payment.paid_until)


def _share_of_tax(subscription: Subscription, cents: int) -> int:
    """The tax within an amount that a provider charged, at the subscription's own rate."""
    if not subscription.total_cents:
        return 0
    return round(subscription.tax_cents * cents / subscription.total_cents)
