"""One page, one purchase: whatever is clicked twice, sent again or changed in between."""

import html
from threading import Barrier
from uuid import uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse

from servers.models import Acceptance
from servers.models.purchase import Plan, Purchase, Runs
from servers.purchase import consequences, terms
from servers.purchase.checkout import Choices, place
from servers.purchase.providers import current
from servers.purchase.providers.moneyless import MoneylessProvider
from tests.browser import Browser
from tests.factories import AccountFactory, PlanFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R6")]
URL = "/new/"


@pytest.fixture(autouse=True)
def selling(settings, db):
    settings.DEBUG = True
    settings.PAYMENT_PROVIDER = "test"
    PlanFactory()


@pytest.fixture
def buyer():
    return AccountFactory()


@pytest.fixture
def browser(buyer):
    return Browser().sign_in(buyer)


def filled_in(**changes):
    return {
        "key": str(uuid4()),
        "plan": "team",
        "region": "europe",
        "name": "Atelier North",
        "seats": "26",
        "runs": "buyer",
        "accepts": "on",
        **changes,
    }


def state_of(buyer):
    return list(Purchase.objects.filter(buyer=buyer).values_list("state", flat=True))


def test_the_page_shows_every_plan_region_and_price(browser):
    page = browser.get(URL).content.decode()
    for words in ("Team", "€6 a person a month", "United States", "Europe", "Asia", "Update total"):
        assert words in page
    assert "Operated by Enigm’s Swiss subsidiary under Swiss law in every region" in page
    assert (
        "Paying for a server never lets anyone read its messages. Neither does running it" in page
    )
    assert "Test mode: no money moves" in page


def test_what_is_missing_is_told_in_the_order_of_the_page(browser):
    wrong = browser.post(URL, {"plan": "", "seats": "", "name": "", "runs": "", "key": ""})
    shown = [name for name in wrong.context["form"].errors if name != "key"]
    assert shown == ["plan", "region", "name", "seats", "runs", "accepts"]


@pytest.mark.requirement("R9")
def test_no_region_is_chosen_for_the_buyer(browser):
    form = browser.get(URL).context["form"]
    assert form["region"].value() is None
    assert "cannot be changed later" in form.fields["region"].help_text


def test_continuing_makes_one_purchase_that_waits_for_payment(browser, buyer):
    answer = browser.post(URL, filled_in())

    purchase = Purchase.objects.get(buyer=buyer)
    assert answer.url == reverse("pay", args=[purchase.pk])
    assert purchase.state == Purchase.State.AWAITING_PAYMENT
    assert (purchase.name, purchase.region, purchase.seats) == ("Atelier North", "europe", 26)
    assert purchase.total_cents == 26 * 600


@pytest.mark.requirement("R10")
def test_the_accepted_text_is_kept_by_its_version(browser, buyer):
    browser.post(URL, filled_in())
    assert Purchase.objects.get(buyer=buyer).terms_version == terms.VERSION
    assert Acceptance.objects.get(account=buyer).version == terms.VERSION


@pytest.mark.requirement("R10")
@pytest.mark.parametrize("runs", Runs.values)
def test_who_is_to_run_it_is_asked_and_kept(browser, buyer, runs):
    browser.post(URL, filled_in(runs=runs))
    assert Purchase.objects.get(buyer=buyer).runs == runs


@pytest.mark.requirement("R2")
def test_the_page_prints_what_each_state_of_paying_changes(browser):
    text = html.unescape(browser.get(URL).content.decode())
    for state, row in consequences.rows():
        assert f'<th scope="row">{state}</th>' in text
        assert row.when in text
        assert row.words in text


def test_the_customer_is_of_the_kind_that_the_plan_is_for(browser, buyer):
    PlanFactory(code="organization", customer="organization", people=1000, unit_cents=500)
    browser.post(URL, filled_in(plan="organization"))
    assert Purchase.objects.get(buyer=buyer).customer == "organization"


def test_the_tax_is_added_by_the_rule_of_the_installation(browser, buyer, settings):
    settings.TAX_RULE, settings.TAX_NAME = "servers.purchase.taxes.flat", "VAT"
    settings.TAX_PERCENT = "8.1"
    answer = browser.post(URL, filled_in())

    purchase = Purchase.objects.get(buyer=buyer)
    assert (purchase.total_cents, purchase.tax_cents) == (15600 + 1264, 1264)
    page = browser.get(answer.url).content.decode()
    assert "VAT 8.1%" in page
    assert "€168.64" in page


@pytest.mark.requirement("R10")
def test_without_accepting_responsibility_nothing_is_bought(browser, buyer):
    page = browser.post(URL, filled_in(accepts="")).content.decode()
    assert "Accept responsibility for the server to go on." in page
    assert not state_of(buyer)


def test_a_posted_price_changes_nothing(browser, buyer):
    browser.post(URL, filled_in(total_cents="1", unit_cents="1", price="0.01"))
    assert Purchase.objects.get(buyer=buyer).total_cents == 15600


def test_the_name_is_sealed_at_rest(browser, buyer):
    browser.post(URL, filled_in())
    stored = Purchase.objects.filter(buyer=buyer).values_list("name", flat=True).get()
    assert b"Atelier" not in bytes(stored)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "Enter a name for the server."),
        ({"region": "moon"}, "Choose a region."),
        ({"plan": "galactic"}, "Choose a plan."),
        ({"runs": "nobody"}, "Choose who runs it."),
        ({"seats": "0"}, "Enter 1 person or more."),
        ({"seats": "many"}, "Enter a whole number of people."),
        ({"seats": "51"}, "The Team plan is for up to 50 people."),
    ],
)
def test_an_error_is_said_and_every_value_is_kept(browser, buyer, changes, said):
    sent = filled_in(**changes)
    page = browser.post(URL, sent)

    text = page.content.decode()
    assert said in text
    assert "There is a problem" in text
    assert "<title>Error: " in text
    assert [page.context["form"][name].value() for name in sent if name != "accepts"] == [
        sent[name] for name in sent if name != "accepts"
    ]
    assert not state_of(buyer)


def test_update_total_prices_without_buying_and_asks_for_nothing_else(browser, buyer):
    page = browser.post(
        URL, {"plan": "team", "seats": "40", "update": "total", "name": "Half a na"}
    )

    text = page.content.decode()
    assert "€240.00" in text
    assert "There is a problem" not in text
    assert 'value="Half a na"' in text
    assert not state_of(buyer)


def test_update_total_is_the_first_button_so_that_enter_never_pays(browser):
    page = browser.get(URL).content.decode()
    form = page[page.index('action="/new/"') :]
    assert form.index("Update total") < form.index("Continue to payment")


def test_update_total_says_when_there_are_too_many_people(browser):
    text = browser.post(URL, filled_in(seats="51", update="total")).content.decode()
    assert "The Team plan is for up to 50 people." in text


def test_a_double_click_is_one_purchase(browser, buyer):
    sent = filled_in()
    first, second = browser.post(URL, sent), browser.post(URL, sent)
    assert first.url == second.url
    assert len(state_of(buyer)) == 1


def test_two_tabs_are_one_purchase(browser, buyer):
    first, second = browser.post(URL, filled_in()), browser.post(URL, filled_in())
    assert first.url == second.url
    assert len(state_of(buyer)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_tabs_at_the_same_moment_are_one_purchase(buyer, elsewhere):
    together = Barrier(2)

    def click():
        together.wait()
        chosen = Choices(Plan.objects.get(pk="team"), "europe", "Atelier North", 26)
        return place(buyer, chosen, key=uuid4(), provider=MoneylessProvider()).pk

    clicks = [elsewhere(click) for _ in range(2)]
    assert len({click.result() for click in clicks}) == 1
    assert state_of(buyer) == ["awaiting_payment"]


def test_a_changed_mind_cancels_what_was_chosen_before(browser, buyer):
    sent = filled_in()
    browser.post(URL, sent)
    browser.post(URL, {**sent, "seats": "30"})

    assert sorted(state_of(buyer)) == ["awaiting_payment", "cancelled"]
    assert Purchase.objects.open().get(buyer=buyer).seats == 30
    assert Purchase.objects.get(buyer=buyer, state="cancelled").name is None


def test_a_page_sent_again_after_paying_buys_nothing_more(browser, buyer):
    sent = filled_in()
    paid = browser.post(URL, sent).url
    browser.post(paid)

    again = browser.post(URL, sent)
    assert len(state_of(buyer)) == 1
    assert browser.get(again.url).url == paid.replace("pay/", "")


def test_two_buyers_do_not_share_a_key(browser, buyer):
    sent, other = filled_in(), AccountFactory()
    browser.post(URL, sent)
    Browser().sign_in(other).post(URL, sent)
    assert len(state_of(buyer)) == len(state_of(other)) == 1


def test_a_mistyped_plan_field_or_key_is_an_error_not_a_crash(browser):
    assert browser.post(URL, {"key": "x", "plan": "x", "seats": "9" * 40}).status_code == 200
    assert browser.post(URL, {"update": "total"}).status_code == 200


def test_the_test_provider_refuses_outside_debug(settings):
    settings.DEBUG = False
    with pytest.raises(ImproperlyConfigured, match="DEBUG is off"):
        current()


def test_an_unknown_provider_is_named(settings):
    settings.PAYMENT_PROVIDER = "barter"
    known = "none, invoice, stripe, test"
    with pytest.raises(ImproperlyConfigured, match=f"PAYMENT_PROVIDER must be one of: {known}"):
        current()


def test_without_a_provider_nothing_is_sold_and_the_page_says_so(browser, settings, buyer):
    settings.PAYMENT_PROVIDER = "none"
    answer = browser.post(URL, filled_in())
    assert answer.status_code == 503
    assert "Nothing is sold here" in answer.content.decode()
    assert not state_of(buyer)
