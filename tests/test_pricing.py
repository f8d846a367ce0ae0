"""What a server costs: worked out here, in whole cents."""

import pytest

from servers.purchase.pricing import Tax, money, quote, unit_price
from tests.factories import PlanFactory

pytestmark = pytest.mark.requirement("R6")


def no_tax(net_cents):
    return Tax("no tax", 0)


def a_fifth(net_cents):
    return Tax("VAT 20%", net_cents // 5)


TEAM = PlanFactory.build()
FLAT = PlanFactory.build(code="individual", label="Individual", unit_cents=1200, per_person=False)


def test_a_plan_for_each_person_is_multiplied():
    assert quote(TEAM, 26, tax=no_tax).total == "€156.00"


def test_a_flat_plan_costs_the_same_for_one_as_for_all():
    assert quote(FLAT, 1, tax=no_tax).total_cents == quote(FLAT, 5, tax=no_tax).total_cents == 1200


def test_the_tax_rule_is_plugged_in_and_has_a_line_of_its_own():
    taxed = quote(TEAM, 10, tax=a_fifth)
    assert taxed.lines == [("10 × €6.00", "€60.00"), ("VAT 20%", "€12.00")]  # noqa: RUF001
    assert (taxed.total, taxed.total_cents) == ("€72.00", 7200)


@pytest.mark.parametrize(
    ("cents", "currency", "text"),
    [
        (0, "EUR", "€0.00"),
        (5, "EUR", "€0.05"),
        (120450, "EUR", "€1,204.50"),
        (9, "CHF", "CHF 0.09"),
    ],
)
def test_money_is_written_in_one_way(cents, currency, text):
    assert money(cents, currency) == text


def test_a_card_says_what_the_amount_is_for():
    assert (unit_price(TEAM), unit_price(FLAT)) == ("€6 a person", "€12 a month")
