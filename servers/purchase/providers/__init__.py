"""Who takes the money. Every provider is one class behind one small protocol.

Nothing follows from a browser's return: a server is created when the provider's *event* arrives in
`servers.purchase.payments`, or when an operator approves.
"""

from typing import Protocol

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from servers.models.payment import Refund
from servers.models.purchase import Plan, Purchase
from servers.models.subscription import Subscription


class Unreachable(Exception):
    """The provider did not answer, or not as it should. Nothing was bought or changed."""


class Provider(Protocol):
    """What buying needs of a provider. All but `pay` and `renew` may be called again at will."""

    name: str
    notice: str  # shown on every page of a purchase; "" for a provider that moves money
    button: str  # what the buyer presses or follows to pay
    pays_here: bool  # by a press on our own page; others have a page of their own
    by_request: bool  # an operator approves first, and payment follows an invoice

    def start(self, purchase: Purchase) -> str:
        """Make the purchase known to the provider; its reference there."""

    def door(self, purchase: Purchase) -> str:
        """The address at the provider where it is paid; "" when it has been, or is paid here."""

    def pay(self, purchase: Purchase) -> bool:
        """The buyer pressed the button on our own page; True when this changed the purchase."""

    def renew(self, subscription: Subscription) -> None:
        """A paid period is over: charge the next one, unless the provider does so by itself."""

    def tell(self, subscription: Subscription) -> None:
        """Charge from the next period on what the subscription costs now; nothing if it stopped."""

    def refund(self, refund: Refund) -> None:
        """Give a payment back, and charge no more on its account."""

    def portal(self, subscription: Subscription) -> str:
        """An address at the provider where the owner sees to the card; "" when there is none."""


PROVIDERS = {
    "invoice": "servers.purchase.providers.invoice.InvoiceProvider",
    "stripe": "servers.purchase.providers.stripe_checkout.StripeProvider",
    "test": "servers.purchase.providers.moneyless.MoneylessProvider",
}

PORTALS = {"stripe"}  # where the owner sees to the card themselves


def by_name(name: str) -> Provider:
    """The provider of this name, ready to work; ImproperlyConfigured when it cannot."""
    if name not in PROVIDERS:
        known = ", ".join(["none", *PROVIDERS])
        raise ImproperlyConfigured(f"PAYMENT_PROVIDER must be one of: {known}.")
    try:
        provider: type[Provider] = import_string(PROVIDERS[name])
    except ImportError as error:
        raise ImproperlyConfigured(f"PAYMENT_PROVIDER={name}: {error}.") from error
    return provider()


def current() -> Provider | None:
    """The provider of this installation; None when nothing is sold here."""
    return None if settings.PAYMENT_PROVIDER == "none" else by_name(settings.PAYMENT_PROVIDER)


def for_plan(plan: Plan, usual: Provider) -> Provider:
    """Who takes the money for this plan: what has no price yet is always bought by request."""
    return usual if plan.is_priced else by_name("invoice")


def notice_of(purchase: Purchase) -> str:
    """What every page of this purchase says about the provider that it was paid with."""
    return "Test mode: no money moves" if purchase.provider == "test" else ""
