"""Who takes the money. Every provider is one class behind one small protocol.

Nothing follows from a browser's return: a server is created when the provider's *event* arrives in
`Purchase.objects.mark_paid`.
"""

from typing import Protocol

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from servers.models.purchase import Purchase
from servers.purchase.pricing import Tax


class Provider(Protocol):
    """What buying needs of a provider."""

    name: str
    notice: str  # shown on every page of a purchase; "" for a provider that moves money
    button: str  # what the buyer presses

    def tax(self, net_cents: int) -> Tax:
        """The tax line on this net amount."""

    def start(self, purchase: Purchase) -> str:
        """Make the purchase known to the provider; its reference there."""

    def pay(self, purchase: Purchase) -> bool:
        """The buyer pressed the button; True when this changed the purchase."""


class MoneylessProvider:
    """The test provider: every payment succeeds, no money moves. It exists only under DEBUG."""

    name = "test"
    notice = "Test mode: no money moves"
    button = "Pay with the test provider"

    def __init__(self) -> None:
        if not settings.DEBUG:
            raise ImproperlyConfigured("PAYMENT_PROVIDER=test is for development. DEBUG is off.")

    def tax(self, net_cents: int) -> Tax:
        return Tax("Tax, none in test mode", 0)

    def start(self, purchase: Purchase) -> str:
        return f"test-{purchase.pk}"

    def pay(self, purchase: Purchase) -> bool:
        return Purchase.objects.mark_paid(purchase.pk, event=f"paid-{purchase.pk}")


PROVIDERS: dict[str, type[Provider]] = {"test": MoneylessProvider}


def notice_of(purchase: Purchase) -> str:
    """What every page of this purchase says about the provider that it was paid with."""
    provider = PROVIDERS.get(purchase.provider)
    return provider.notice if provider else ""


def current() -> Provider | None:
    """The provider of this installation; None when nothing is sold here."""
    if settings.PAYMENT_PROVIDER == "none":
        return None
    if settings.PAYMENT_PROVIDER not in PROVIDERS:
        known = ", ".join(["none", *PROVIDERS])
        raise ImproperlyConfigured(f"PAYMENT_PROVIDER must be one of: {known}.")
    return PROVIDERS[settings.PAYMENT_PROVIDER]()
