"""What a provider says of money, as tests need it."""

from typing import Any
from uuid import uuid4

from enigm_command.lib import clock
from servers.models.purchase import Purchase
from servers.purchase.payments import Payment, a_month_after


def payment_for(purchase: Purchase, **changes: Any) -> Payment:
    """The agreed amount for this purchase, just now, unless the test says otherwise."""
    now = clock.now()
    said: dict[str, Any] = {
        "event": f"evt_{uuid4().hex}",
        "reference": purchase.reference,
        "invoice": "first",
        "cents": purchase.total_cents,
        "currency": purchase.currency,
        "at": now,
        "paid_until": a_month_after(now),
    }
    return Payment(**said | changes)
