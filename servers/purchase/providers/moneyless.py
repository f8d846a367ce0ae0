"""The test provider: every payment succeeds, no money moves. It exists only under DEBUG."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from enigm_command.lib import clock
from servers.models.payment import Refund
from servers.models.purchase import Purchase
from servers.models.subscription import Subscription
from servers.purchase import payments


class MoneylessProvider:
    """Pays at the press of a button, and again every month."""

    name = "test"
    notice = "Test mode: no money moves"
    button = "Pay with the test provider"
    pays_here = True
    by_request = False

    def __init__(self) -> None:
        if not settings.DEBUG:
            raise ImproperlyConfigured("PAYMENT_PROVIDER=test is for development. DEBUG is off.")

    def start(self, purchase: Purchase) -> str:
        return f"test-{purchase.pk}"

    def door(self, purchase: Purchase) -> str:
        return ""

    def pay(self, purchase: Purchase) -> bool:
        if purchase.state != Purchase.State.AWAITING_PAYMENT:
            return False
        return self._charge(purchase, "paid", purchase.total_cents, purchase.currency)

    def renew(self, subscription: Subscription) -> None:
        period = f"renewed-{subscription.period_end:%Y-%m-%d}"
        self._charge(subscription.purchase, period, subscription.total_cents, subscription.currency)

    def tell(self, subscription: Subscription) -> None:
        """There is nobody to tell."""

    def refund(self, refund: Refund) -> None:
        """There is no money to give back."""

    def portal(self, subscription: Subscription) -> str:
        return ""

    def _charge(self, purchase: Purchase, period: str, cents: int, currency: str) -> bool:
        now = clock.now()
        paid = payments.Payment(
            event=f"{period}-{purchase.pk}",
            reference=purchase.reference,
            invoice=period,
            cents=cents,
            currency=currency,
            at=now,
            paid_until=payments.a_month_after(now),
        )
        return payments.receive(purchase.pk, paid)
