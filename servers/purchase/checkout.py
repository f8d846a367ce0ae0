"""From a filled-in checkout to one purchase that waits for payment, or for what approval needs.

A buyer has at most one open purchase. A double click, a second tab or a page sent again finds it;
a changed mind replaces it. All of a buyer's clicks pass one row lock, one after the other.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from accounts.models import Account
from servers.models import Acceptance
from servers.models.procurement import Procurement
from servers.models.purchase import OPEN, Plan, Purchase, Runs
from servers.purchase import pricing, terms
from servers.purchase.providers import Provider


@dataclass(frozen=True, slots=True)
class Choices:
    """What the buyer chose. There is no price among it: the server works that out."""

    plan: Plan
    region: str
    name: str
    seats: int
    runs: str = Runs.BUYER


def place(buyer: Account, choices: Choices, *, key: UUID, provider: Provider) -> Purchase:
    """The buyer's purchase of exactly this, known to the provider.

    What is bought by request stays a draft until `hand_in`. Unreachable leaves a draft, which the
    next click finds again.
    """
    with transaction.atomic():
        Account.objects.select_for_update(no_key=True).get(pk=buyer.pk)
        Acceptance.objects.accept(buyer, terms.VERSION)
        purchase = _sent_before(buyer, key) or _open(buyer, choices, key=key)
    if purchase.state == Purchase.State.DRAFT and not provider.by_request:
        reference = provider.start(purchase)
        Purchase.objects.await_payment(purchase.pk, provider=provider.name, reference=reference)
        purchase.refresh_from_db()
    return purchase


def hand_in(purchase: Purchase, provider: Provider, *, order_number: str, contact: str) -> bool:
    """Put a draft before the operators with its purchase order; False when it was, already."""
    with transaction.atomic():
        won = Purchase.objects.await_approval(
            purchase.pk, provider=provider.name, reference=provider.start(purchase)
        )
        if won:
            Procurement.objects.create(
                purchase=purchase, order_number=order_number, contact=contact
            )
    return won


def _sent_before(buyer: Account, key: UUID) -> Purchase | None:
    """What this very page has led to, unless it is still open to change or has ended."""
    sent = Purchase.objects.filter(buyer=buyer, idempotency_key=key)
    ended = (Purchase.State.CANCELLED, Purchase.State.EXPIRED)
    return sent.exclude(state__in=[*OPEN, *ended]).first()


def _open(buyer: Account, choices: Choices, *, key: UUID) -> Purchase:
    wanted = _terms_of(choices)
    open_purchases = Purchase.objects.open().filter(buyer=buyer)
    for purchase in open_purchases:
        if all(getattr(purchase, field) == value for field, value in wanted.items()):
            return purchase
    open_purchases.end(Purchase.State.CANCELLED)
    return Purchase.objects.create(buyer=buyer, idempotency_key=key, **wanted)


def _terms_of(choices: Choices) -> dict[str, object]:
    return {
        "customer": choices.plan.customer,
        "plan": choices.plan,
        "region": choices.region,
        "name": choices.name,
        "seats": choices.seats,
        "runs": choices.runs,
        "terms_version": terms.VERSION,
        **_price_of(choices),
    }


def _price_of(choices: Choices) -> dict[str, int | str]:
    """What the list says; nothing yet for a plan whose price is agreed case by case."""
    if choices.plan.is_priced:
        return pricing.quote(choices.plan, choices.seats).facts
    return {"total_cents": 0, "currency": choices.plan.currency}
