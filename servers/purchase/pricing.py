"""What a server costs each month. Amounts are whole cents; only this module adds them up."""

from collections.abc import Callable
from dataclasses import dataclass

from servers.models.purchase import Plan

SIGNS = {"EUR": "€"}


@dataclass(frozen=True, slots=True)
class Tax:
    """The tax line of a quote: what it is called, and how many cents it adds."""

    label: str
    cents: int


TaxRule = Callable[[int], Tax]


@dataclass(frozen=True, slots=True)
class Quote:
    """The price of one plan for a number of people, each month."""

    plan: Plan
    seats: int
    net_cents: int
    tax: Tax

    @property
    def total_cents(self) -> int:
        return self.net_cents + self.tax.cents

    @property
    def lines(self) -> list[tuple[str, str]]:
        """What the price is made of, in words and amounts."""
        return [
            (_reckoning(self.plan, self.seats), money(self.net_cents, self.plan.currency)),
            (self.tax.label, money(self.tax.cents, self.plan.currency)),
        ]

    @property
    def total(self) -> str:
        return money(self.total_cents, self.plan.currency)


def quote(plan: Plan, seats: int, *, tax: TaxRule) -> Quote:
    """Price `seats` people on `plan`; a flat plan costs the same for one person as for all."""
    net = plan.unit_cents * (seats if plan.per_person else 1)
    return Quote(plan, seats, net, tax(net))


def money(cents: int, currency: str) -> str:
    """The amount as people read it: €1,204.50."""
    return f"{SIGNS.get(currency, currency + ' ')}{cents // 100:,}.{cents % 100:02}"


def unit_price(plan: Plan) -> str:
    """A plan's price on its card: "€6 a person", "€12 a month"."""
    amount = money(plan.unit_cents, plan.currency).removesuffix(".00")
    return f"{amount} a {'person' if plan.per_person else 'month'}"


def _reckoning(plan: Plan, seats: int) -> str:
    price = money(plan.unit_cents, plan.currency)
    return (
        f"{seats:,} \N{MULTIPLICATION SIGN} {price}"
        if plan.per_person
        else f"One price for up to {plan.people:,} people"
    )
