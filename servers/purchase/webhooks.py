"""Stripe's events: believed only when signed, fresh and not from the future, and taken in once.

Each known kind of event becomes one call of `payments`; all others are acknowledged and forgotten.
What an event calls its time orders it among others, so a time to come is taken for now.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import stripe
from django.conf import settings

from enigm_command.lib import clock
from servers.models.invoice import Invoice
from servers.models.purchase import Purchase
from servers.purchase import payments
from servers.purchase.providers import Unreachable as Unreachable
from servers.purchase.providers.stripe_checkout import StripeProvider

OLDEST, EARLIEST = 300, 60  # seconds that a signature may lie in the past, and in the future
Event = dict[str, Any]


class Untrusted(Exception):
    """Not signed by Stripe, too old, from the future, or not an event."""


class TooEarly(Exception):
    """An event that another one has to come before: Stripe will deliver it again."""


def read(body: bytes, signature: str) -> Event:
    """The event within a request; Untrusted when Stripe did not send it just now."""
    try:
        stripe.WebhookSignature.verify_header(
            body, signature, settings.STRIPE_WEBHOOK_SECRET, tolerance=OLDEST
        )
        event = json.loads(body)
        said = {"id": event["id"], "kind": event["type"], "about": event["data"]["object"]}
        return {**said, "at": _moment(event["created"], _signed_at(signature))}
    except (stripe.SignatureVerificationError, ValueError, KeyError, TypeError) as error:
        raise Untrusted(type(error).__name__) from error


def take_in(event: Event) -> bool:
    """Let the event have its effect; False when it has none, or has had it."""
    effect = EFFECTS.get(event["kind"])
    return effect(event, event["about"]) if effect else False


def _signed_at(signature: str) -> int:
    parts = dict(part.split("=", 1) for part in signature.split(","))
    return int(parts["t"])


def _moment(created: int, signed_at: int) -> datetime:
    now = clock.now()
    if signed_at > now.timestamp() + EARLIEST:
        raise ValueError("signed in the future")
    return min(datetime.fromtimestamp(created, UTC), now)


def _session_paid(event: Event, session: dict[str, Any]) -> bool:
    purchase = _purchase(session.get("client_reference_id"))
    if purchase is None or session["payment_status"] != "paid":
        return False  # a slow way of paying: its own event follows
    payment = payments.Payment(
        event=event["id"],
        reference=session["subscription"],
        invoice=session["invoice"],
        cents=session["amount_total"],
        currency=session["currency"].upper(),
        at=event["at"],
        paid_until=payments.a_month_after(event["at"]),
    )
    return payments.receive(purchase.pk, payment)


def _session_over(event: Event, session: dict[str, Any]) -> bool:
    purchase = _purchase(session.get("client_reference_id"))
    return purchase is not None and payments.give_up(purchase.pk, event["id"])


def _invoice_paid(event: Event, invoice: dict[str, Any]) -> bool:
    reference, purchase = _subscription_of(invoice)
    if purchase is None:
        return False
    ends = [line["period"]["end"] for line in invoice["lines"]["data"]]
    payment = payments.Payment(
        event=event["id"],
        reference=reference,
        invoice=invoice["id"],
        cents=invoice["amount_paid"],
        currency=invoice["currency"].upper(),
        at=event["at"],
        paid_until=datetime.fromtimestamp(max(ends), UTC),
    )
    return payments.receive(purchase.pk, payment)


def _invoice_failed(event: Event, invoice: dict[str, Any]) -> bool:
    _, purchase = _subscription_of(invoice)
    return purchase is not None and payments.fail(purchase.pk, event["id"], at=event["at"])


def _subscription_changed(event: Event, subscription: dict[str, Any]) -> bool:
    purchase = _purchase(subscription["metadata"].get("purchase"))
    if purchase is None:
        return False
    about = (purchase.pk, event["id"], subscription["id"])
    if StripeProvider().is_stopping(subscription["id"]):  # now: events come in any order
        return payments.stop(*about, ended_at=None)
    return payments.go_on(*about)


def _subscription_over(event: Event, subscription: dict[str, Any]) -> bool:
    purchase = _purchase(subscription["metadata"].get("purchase"))
    if purchase is None:
        return False
    return payments.stop(purchase.pk, event["id"], subscription["id"], ended_at=event["at"])


def _refunded(event: Event, charge: dict[str, Any]) -> bool:
    reference, purchase = StripeProvider().invoice_of(charge["payment_intent"])
    if not _purchase(purchase):
        return False
    invoice = Invoice.objects.filter(
        reference=reference, subscription__purchase_id=purchase
    ).first()
    if invoice is None:
        return _refunded_before_it_was_booked(purchase, reference)
    return payments.note_refund(invoice, event["id"], charge["amount_refunded"])


def _refunded_before_it_was_booked(purchase: str, reference: str) -> bool:
    """What we ourselves gave back has no invoice; of the rest, the payment's event is under way."""
    if Purchase.objects.filter(pk=purchase, refunds__reference=reference).exists():
        return False
    raise TooEarly


def _subscription_of(invoice: dict[str, Any]) -> tuple[str, Purchase | None]:
    details = (invoice.get("parent") or {}).get("subscription_details") or {}
    purchase = _purchase((details.get("metadata") or {}).get("purchase"))
    return details.get("subscription", ""), purchase


def _purchase(pk: str | None) -> Purchase | None:
    """The purchase that an event is about; None when it is about something else than ours."""
    try:
        return Purchase.objects.filter(pk=UUID(pk or ""), provider=StripeProvider.name).first()
    except ValueError:
        return None


EFFECTS: dict[str, Callable[[Event, dict[str, Any]], bool]] = {
    "charge.refunded": _refunded,
    "checkout.session.async_payment_failed": _session_over,
    "checkout.session.async_payment_succeeded": _session_paid,
    "checkout.session.completed": _session_paid,
    "checkout.session.expired": _session_over,
    "customer.subscription.deleted": _subscription_over,
    "customer.subscription.updated": _subscription_changed,
    "invoice.paid": _invoice_paid,
    "invoice.payment_failed": _invoice_failed,
}
