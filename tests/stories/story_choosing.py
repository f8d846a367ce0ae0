"""At the checkout with JavaScript: the order beside the form follows what is chosen in it."""

import pytest
from playwright.sync_api import expect

from servers.models.purchase import Purchase
from tests.factories import AccountFactory, PlanFactory
from tests.stories.people import signed_in

pytestmark = pytest.mark.requirement("R6", "R9")


@pytest.fixture
def paula(site, page):
    PlanFactory()
    PlanFactory(code="enterprise", label="Enterprise", position=2, unit_cents=None)
    return signed_in(page, AccountFactory(username="paula"))


def order(paula):
    return paula.screen.locator(".panel", has_text="Your order")


def test_the_order_follows_every_choice_and_nothing_is_bought_by_it(paula):
    paula.goes_to("checkout")
    paula.ticks("Team")
    paula.ticks("Europe")
    expect(order(paula)).to_contain_text("Europe")
    paula.fills("Number of people", "8")
    paula.labelled("Server name").focus()
    expect(order(paula)).to_contain_text("48.00")
    paula.ticks("Enterprise")
    expect(order(paula).get_by_role("button")).to_have_text("Request a quote")
    assert not Purchase.objects.exists()


def test_one_press_still_buys_what_is_shown(paula):
    paula.goes_to("checkout")
    paula.ticks("Team")
    paula.ticks("Asia")
    paula.fills("Server name", "Quay")
    paula.ticks("I accept this responsibility")
    paula.fills("Number of people", "3")
    paula.presses("Continue to payment")
    paula.is_at("Pay for your server")
    paula.sees("18.00")
