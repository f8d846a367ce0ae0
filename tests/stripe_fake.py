"""Stripe as far as these tests need it: answers in the shapes of its API 2026-10-28, below the SDK.

`FakeStripe` takes the place of the network, so the product's code and Stripe's SDK run as they are.
`Hook` posts events to the product, signed as Stripe signs them.
"""

import json
import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import stripe
from django.test import Client

from servers.purchase.providers.stripe_checkout import StripeProvider

SECRET = "whsec_of_these_tests"
PAGE = "https://checkout.stripe.example/c/pay/cs_1"


def session(purchase: Any, **changes: Any) -> dict[str, Any]:
    """A Checkout Session that was paid."""
    return {
        "id": purchase.reference,
        "object": "checkout.session",
        "client_reference_id": str(purchase.pk),
        "amount_total": purchase.total_cents,
        "currency": "eur",
        "invoice": "in_1",
        "mode": "subscription",
        "payment_status": "paid",
        "status": "complete",
        "subscription": "sub_1",
        **changes,
    }


def invoice(purchase: Any, **changes: Any) -> dict[str, Any]:
    """An invoice of the purchase's subscription for the month that begins now."""
    details = {"subscription": "sub_1", "metadata": {"purchase": str(purchase.pk)}}
    now = int(time.time())
    return {
        "id": "in_1",
        "object": "invoice",
        "amount_paid": purchase.total_cents,
        "billing_reason": "subscription_cycle",
        "currency": "eur",
        "lines": {
            "object": "list",
            "data": [{"object": "line_item", "period": {"start": now, "end": now + 30 * 86400}}],
        },
        "parent": {"type": "subscription_details", "subscription_details": details},
        **changes,
    }


def subscription(purchase: Any, **changes: Any) -> dict[str, Any]:
    """The purchase's subscription, running."""
    item = {"id": "si_1", "object": "subscription_item", "price": {"product": "prod_1"}}
    return {
        "id": "sub_1",
        "object": "subscription",
        "cancel_at": None,
        "cancel_at_period_end": False,
        "customer": "cus_1",
        "items": {"object": "list", "data": [item]},
        "metadata": {"purchase": str(purchase.pk)},
        "status": "active",
        **changes,
    }


def charge(**changes: Any) -> dict[str, Any]:
    """A charge that was given back."""
    return {"id": "ch_1", "object": "charge", "payment_intent": "pi_1", **changes}


def invoice_payments(*paid: dict[str, Any]) -> dict[str, Any]:
    """How an invoice was paid."""
    rows = [
        {
            "id": "inpay_1",
            "object": "invoice_payment",
            "invoice": of,
            "payment": {"type": "payment_intent", "payment_intent": "pi_1"},
        }
        for of in paid
    ]
    return {"object": "list", "data": rows, "has_more": False, "url": "/v1/invoice_payments"}


class FakeStripe(stripe.HTTPClient):
    """Answers from `answers`: by method and path, or by an error; `asked` is what was sent."""

    name = "fake"

    def __init__(self) -> None:
        super().__init__()
        self.answers: dict[str, Any] = {}
        self.asked: list[tuple[str, dict[str, str], dict[str, str]]] = []

    def request(self, method: str, url: str, headers: Any, post_data: Any = None) -> Any:
        """One exchange, as `(body, status, headers)`."""
        parts = urlsplit(url)
        route = f"{method.upper()} {parts.path}"
        self.asked.append((route, dict(parse_qsl(post_data or parts.query)), dict(headers)))
        answer = self.answers.get(route, (404, "resource_missing"))
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, tuple):
            status, code = answer
            error = {"type": "invalid_request_error", "code": code, "message": code}
            return json.dumps({"error": error}), status, {}
        return json.dumps(answer), 200, {}

    def sent_to(self, route: str) -> list[dict[str, str]]:
        """What was sent to one route, newest last."""
        return [sent for asked, sent, _ in self.asked if asked == route]

    def keys_of(self, route: str) -> list[str]:
        """Under which idempotency keys."""
        return [headers["Idempotency-Key"] for asked, _, headers in self.asked if asked == route]


class Hook:
    """Stripe's side of the webhook. `created` and `signed` are seconds from now."""

    def __init__(self) -> None:
        self.client, self.number = Client(enforce_csrf_checks=True), 0

    def event(self, kind: str, about: dict[str, Any], *, created: int = 0, **changes: Any) -> bytes:
        """An event's body."""
        self.number += 1
        event = {
            "id": f"evt_{self.number}",
            "object": "event",
            "api_version": "2026-10-28.endive",
            "created": int(time.time()) + created,
            "data": {"object": about},
            "livemode": False,
            "type": kind,
            **changes,
        }
        return json.dumps(event).encode()

    def deliver(
        self, body: bytes, *, signed: int = 0, secret: str = SECRET, header: str = ""
    ) -> int:
        """Post it; the status that came back."""
        header = header or stripe.WebhookSignature.generate_signature_header(
            body.decode(), secret, int(time.time()) + signed
        )
        answer = self.client.post(
            "/webhooks/stripe/",
            body,
            content_type="application/json",
            headers={"Stripe-Signature": header},
        )
        return answer.status_code

    def say(self, kind: str, about: dict[str, Any], **how: Any) -> int:
        """Make an event and deliver it."""
        return self.deliver(self.event(kind, about, **how))


@pytest.fixture
def fake(settings, monkeypatch):
    """Stripe sells here, and this answers in its place."""
    settings.PAYMENT_PROVIDER = "stripe"
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = "sk_test_none", SECRET
    fake = FakeStripe()
    monkeypatch.setattr(StripeProvider, "transport", fake)
    return fake
