"""What a server costs: worked out here, in whole cents."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from servers.purchase import taxes
from servers.purchase.pricing import NotPriced, money, quote, unit_price
from servers.purchase.taxes import Tax
from tests.factories import PlanFactory

pytestmark = pytest.mark.requirement("R6")


def no_tax(net_cents):
    return Tax("no tax", 0)


def a_fifth(net_cents):
    return Tax("VAT 20%", net_cents // 5)


TEAM = PlanFactory.build()
ON_REQUEST = PlanFactory.build(code="enterprise", unit_cents=None)
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
    assert (unit_price(TEAM), unit_price(FLAT)) == ("€6 a person a month", "€12 a month")
    assert unit_price(ON_REQUEST) == "On request"


def test_what_is_agreed_case_by_case_has_no_quote():
    with pytest.raises(NotPriced):
        quote(ON_REQUEST, 400, tax=no_tax)


@pytest.mark.parametrize(
    ("percent", "net", "tax", "label"),
    [
        ("19", 15600, 2964, "VAT 19%"),
        ("8.1", 15600, 1264, "VAT 8.1%"),  # 1263.6
        ("7.70", 50, 4, "VAT 7.7%"),  # 3.85
        ("5", 10, 1, "VAT 5%"),  # half a cent goes up
        ("20", 0, 0, "VAT 20%"),
    ],
)
def test_a_flat_rate_is_rounded_to_the_cent(settings, percent, net, tax, label):
    settings.TAX_NAME, settings.TAX_PERCENT = "VAT", percent
    assert taxes.flat(net) == Tax(label, tax)


def test_an_installation_brings_a_rule_of_its_own(settings):
    settings.TAX_RULE = "tests.test_pricing.a_fifth"
    assert quote(TEAM, 10).total_cents == 7200


def test_a_rule_that_is_none_is_refused_by_name(settings):
    settings.TAX_RULE = "nowhere.at_all"
    with pytest.raises(ImproperlyConfigured, match="TAX_RULE"):
        quote(TEAM, 10)
