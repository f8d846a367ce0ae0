"""What a server costs each month. Amounts are whole cents; only this module adds them up."""

from dataclasses import dataclass

from servers.models.purchase import Plan
from servers.purchase import taxes
from servers.purchase.taxes import Tax, TaxRule

SIGNS = {"EUR": "€"}


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

    @property
    def facts(self) -> dict[str, int | str]:
        """The price as purchases, subscriptions and invoices keep it."""
        return {
            "total_cents": self.total_cents,
            "tax_cents": self.tax.cents,
            "tax_label": self.tax.label,
            "currency": self.plan.currency,
        }


class NotPriced(ValueError):
    """The plan's price is agreed case by case."""


def quote(plan: Plan, seats: int, *, tax: TaxRule | None = None) -> Quote:
    """Price `seats` people on `plan`; a flat plan costs the same for one person as for all.

    Raises NotPriced for a plan whose price is on request.
    """
    if plan.unit_cents is None:
        raise NotPriced(plan.code)
    return agreed(plan, seats, plan.unit_cents * (seats if plan.per_person else 1), tax=tax)


def agreed(plan: Plan, seats: int, net_cents: int, *, tax: TaxRule | None = None) -> Quote:
    """A net amount that was agreed for this plan, with its tax."""
    return Quote(plan, seats, net_cents, (tax or taxes.in_force())(net_cents))


def money(cents: int, currency: str) -> str:
    """The amount as people read it: €1,204.50."""
    return f"{SIGNS.get(currency, currency + ' ')}{cents // 100:,}.{cents % 100:02}"


def unit_price(plan: Plan) -> str:
    """A plan's price on its card: "€6 a person a month", "€12 a month", "On request"."""
    if plan.unit_cents is None:
        return "On request"
    amount = money(plan.unit_cents, plan.currency).removesuffix(".00")
    return f"{amount} a {'person a month' if plan.per_person else 'month'}"


def _reckoning(plan: Plan, seats: int) -> str:
    if not plan.per_person:
        return f"One price for up to {plan.people:,} people"
    return f"{seats:,} \N{MULTIPLICATION SIGN} {money(plan.unit_cents or 0, plan.currency)}"
