"""From a filled-in checkout to one purchase that waits for payment.

A buyer has at most one open purchase. A double click, a second tab or a page sent again finds it;
a changed mind replaces it. All of a buyer's clicks pass one row lock, one after the other.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from accounts.models import Account
from servers.models.purchase import Plan, Purchase
from servers.purchase import pricing, terms
from servers.purchase.providers import Provider


@dataclass(frozen=True, slots=True)
class Choices:
    """What the buyer chose. There is no price among it: the server works that out."""

    plan: Plan
    region: str
    name: str
    seats: int


def place(buyer: Account, choices: Choices, *, key: UUID, provider: Provider) -> Purchase:
    """The buyer's purchase of exactly this, known to the provider."""
    with transaction.atomic():
        Account.objects.select_for_update(no_key=True).get(pk=buyer.pk)
        sent_again = Purchase.objects.filter(
            buyer=buyer, idempotency_key=key, paid_at__isnull=False
        )
        purchase = sent_again.first() or _open(buyer, choices, key=key, provider=provider)
    if purchase.state == Purchase.State.DRAFT:
        _make_known(purchase, provider)
    return purchase


def _open(buyer: Account, choices: Choices, *, key: UUID, provider: Provider) -> Purchase:
    wanted = _terms_of(choices, provider)
    open_purchases = Purchase.objects.open().filter(buyer=buyer)
    for purchase in open_purchases:
        if all(getattr(purchase, field) == value for field, value in wanted.items()):
            return purchase
    open_purchases.end(Purchase.State.CANCELLED)
    return Purchase.objects.create(buyer=buyer, idempotency_key=key, **wanted)


def _terms_of(choices: Choices, provider: Provider) -> dict[str, object]:
    quote = pricing.quote(choices.plan, choices.seats, tax=provider.tax)
    return {
        "plan": choices.plan,
        "region": choices.region,
        "name": choices.name,
        "seats": choices.seats,
        "total_cents": quote.total_cents,
        "tax_cents": quote.tax.cents,
        "currency": choices.plan.currency,
        "terms_version": terms.VERSION,
    }


def _make_known(purchase: Purchase, provider: Provider) -> None:
    reference = provider.start(purchase)
    Purchase.objects.await_payment(purchase.pk, provider=provider.name, reference=reference)
    purchase.refresh_from_db()
