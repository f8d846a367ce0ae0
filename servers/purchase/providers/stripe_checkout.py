"""Stripe: the buyer pays on Stripe's own page, and Stripe tells us by signed events.

Stripe is told what is bought and what it costs, by our own ids; of the person and of the server's
name it learns from us nothing. Its answers decide nothing here: they only say where its pages are.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar, TypeVar

import stripe
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse

from servers.models.payment import Refund
from servers.models.purchase import Purchase
from servers.models.subscription import Subscription
from servers.purchase.providers import Unreachable

PATIENCE = 10  # seconds that a page may wait for Stripe
OVER = ("canceled", "incomplete_expired")
Returned = TypeVar("Returned")


def _asks_stripe(method: Callable[..., Returned]) -> Callable[..., Returned]:
    """Whatever Stripe refuses or does not answer is one error to the rest of the product."""

    @wraps(method)
    def asking(*args: Any) -> Returned:
        try:
            return method(*args)
        except stripe.StripeError as error:
            raise Unreachable(type(error).__name__) from error

    return asking


class StripeProvider:
    """Checkout Sessions in subscription mode, and the customer portal."""

    name = "stripe"
    notice = ""
    button = "Continue to payment at Stripe"
    pays_here = False
    by_request = False
    transport: ClassVar[stripe.HTTPClient | None] = None  # the SDK's own unless one is put here

    def __init__(self) -> None:
        if not (settings.STRIPE_SECRET_KEY and settings.STRIPE_WEBHOOK_SECRET):
            raise ImproperlyConfigured(
                "PAYMENT_PROVIDER=stripe needs STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET."
            )
        transport = self.transport or stripe.RequestsClient(timeout=PATIENCE)
        self._stripe = stripe.StripeClient(settings.STRIPE_SECRET_KEY, http_client=transport).v1

    @_asks_stripe
    def start(self, purchase: Purchase) -> str:
        session = self._stripe.checkout.sessions.create(
            {
                "mode": "subscription",
                "client_reference_id": str(purchase.pk),
                "subscription_data": {"metadata": {"purchase": str(purchase.pk)}},
                "line_items": [
                    {
                        "quantity": 1,
                        "price_data": {
                            "currency": purchase.currency.lower(),
                            "unit_amount": purchase.total_cents,
                            "recurring": {"interval": "month"},
                            "product_data": {"name": "Private Enigm server, tax included"},
                        },
                    }
                ],
                "success_url": settings.SITE_URL + reverse("pay", args=[purchase.pk]),
                "cancel_url": settings.SITE_URL + reverse("pay", args=[purchase.pk]),
            },
            {"idempotency_key": f"start-{purchase.pk}"},
        )
        return session.id

    @_asks_stripe
    def door(self, purchase: Purchase) -> str:
        session = self._stripe.checkout.sessions.retrieve(purchase.reference)
        return session.url or "" if session.status == "open" else ""

    def pay(self, purchase: Purchase) -> bool:
        return False  # only Stripe's event pays a purchase, never a press on our own page

    def renew(self, subscription: Subscription) -> None:
        """Stripe charges by its own clock, and says so."""

    @_asks_stripe
    def tell(self, subscription: Subscription) -> None:
        found = self._stripe.subscriptions.retrieve(subscription.reference)
        if found.status in OVER:
            return
        if subscription.is_closed:
            self._stripe.subscriptions.cancel(found.id)
        elif subscription.is_stopped:
            self._stripe.subscriptions.update(found.id, {"cancel_at_period_end": True})
        else:
            self._reprice(found, subscription)

    @_asks_stripe
    def refund(self, refund: Refund) -> None:
        invoice = self._stripe.invoices.retrieve(refund.reference, {"expand": ["payments"]})
        self._end(invoice.parent.subscription_details.subscription)  # type: ignore[union-attr,arg-type]
        for paid in invoice.payments.data if invoice.payments else ():
            self._give_back(str(paid.payment.payment_intent), key=f"refund-{refund.pk}")

    @_asks_stripe
    def portal(self, subscription: Subscription) -> str:
        found = self._stripe.subscriptions.retrieve(subscription.reference)
        back = settings.SITE_URL + reverse("subscription", args=[subscription.pk])
        session = self._stripe.billing_portal.sessions.create(
            {"customer": str(found.customer), "return_url": back}
        )
        return session.url

    @_asks_stripe
    def invoice_of(self, payment_intent: str) -> tuple[str, str]:
        """The invoice that a payment paid, and the purchase it is of; empty when it is not ours."""
        found = self._stripe.invoice_payments.list(
            {
                "payment": {"type": "payment_intent", "payment_intent": payment_intent},
                "expand": ["data.invoice"],
            }
        )
        for paid in found.data:
            invoice: Any = paid.invoice
            metadata = invoice.parent.subscription_details.metadata
            return str(invoice.id), str(metadata["purchase"]) if "purchase" in metadata else ""
        return "", ""

    @_asks_stripe
    def is_stopping(self, reference: str) -> bool:
        """Will a subscription end with its period, or at a date?"""
        found = self._stripe.subscriptions.retrieve(reference)
        return bool(found.cancel_at_period_end or found.cancel_at)

    def _reprice(self, found: stripe.Subscription, subscription: Subscription) -> None:
        item = found["items"].data[0]
        self._stripe.subscriptions.update(
            found.id,
            {
                "proration_behavior": "none",
                "items": [
                    {
                        "id": item.id,
                        "quantity": 1,
                        "price_data": {
                            "currency": subscription.currency.lower(),
                            "unit_amount": subscription.total_cents,
                            "recurring": {"interval": "month"},
                            "product": str(item.price.product),
                        },
                    }
                ],
            },
            {"idempotency_key": f"reprice-{subscription.pk}-{subscription.revision}"},
        )

    def _end(self, reference: str) -> None:
        if self._stripe.subscriptions.retrieve(reference).status not in OVER:
            self._stripe.subscriptions.cancel(reference)

    def _give_back(self, payment_intent: str, *, key: str) -> None:
        try:
            self._stripe.refunds.create(
                {"payment_intent": payment_intent}, {"idempotency_key": f"{key}-{payment_intent}"}
            )
        except stripe.InvalidRequestError as error:
            if error.code != "charge_already_refunded":
                raise
