"""Operators sell, price and bound: by lists that show no more than they must, on record."""

import pytest
from django.apps import apps
from django.urls import reverse

from audit.models import AuditStream
from audit.vocabulary import Action
from enigm_command.lib.vault import PLATFORM
from servers import policy
from servers.admin import PAGES
from servers.models import PolicyBound
from servers.models.purchase import Plan, Purchase
from tests.browser import Browser
from tests.factories import (
    BoughtFactory,
    InvoiceFactory,
    OperatorFactory,
    PlanFactory,
    ProcurementFactory,
    PurchaseFactory,
    ServerFactory,
    SubscriptionFactory,
)
from tests.operators import browser_of, operator
from tests.support import actions_of, events_of

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R7", "R26")]
TABLES = ("invoice", "plan", "procurement", "purchase", "subscription")


@pytest.fixture
def browser():
    return browser_of(operator())


def list_of(table):
    return reverse(f"ops:servers_{table}_changelist")


def page_of(row):
    return reverse(f"ops:servers_{row._meta.model_name}_change", args=[row.pk])


def act(browser, row, name, **typed):
    """What the list says after an act on one row; the page between is answered as it asks."""
    sent = {"action": name, "_selected_action": str(row.pk), "answered": "yes", **typed}
    return browser.post(list_of(row._meta.model_name), sent, follow=True).content.decode()


def last_act():
    """The newest entry of the platform's log that is no look at a page."""
    log = events_of(AuditStream(pk=PLATFORM))
    return [entry for entry in log if entry.action != Action.PAGE_VIEWED][-1]


def of_server(server):
    """An invoice of a server, and all that led to it."""
    return InvoiceFactory(subscription=SubscriptionFactory(purchase=BoughtFactory(server=server)))


# --- requests by purchase order -------------------------------------------------------------------
def test_a_request_is_open_to_those_it_is_addressed_to(browser):
    asked = ProcurementFactory()
    shown = browser.get(page_of(asked)).content.decode()
    for words in ("PO-2026-118", "R. Okafor, orders@example.org", "Enterprise", "400"):
        assert words in shown


def test_a_request_is_approved_at_the_price_that_was_typed(browser, rung):
    asked = ProcurementFactory()

    said = act(browser, asked, "approve", net_cents="480.50")

    assert "approved. The server is being created." in said
    purchase = Purchase.objects.get(pk=asked.purchase_id)
    assert (purchase.state, purchase.total_cents) == ("approved", 48050)
    entry = last_act()
    assert (entry.action, entry.actor_name) == (Action.PROCUREMENT_APPROVED, "opal")


def test_a_request_is_declined_with_an_answer(browser):
    asked = ProcurementFactory()

    act(browser, asked, "decline", answer="We do not sell there.")

    asked.refresh_from_db()
    assert (asked.decision, asked.answer) == ("declined", "We do not sell there.")
    assert last_act().action == Action.PROCUREMENT_DECLINED


@pytest.mark.parametrize("amount", ["", "a lot", "-1", "1.005", "99999999"])
def test_an_amount_that_makes_no_sense_is_told_and_nothing_is_sold(browser, amount):
    asked = ProcurementFactory()

    assert "There is a problem" in act(browser, asked, "approve", net_cents=amount)

    asked.refresh_from_db()
    assert asked.decision == ""


def test_who_comes_second_is_told_so(browser, rung):
    asked = ProcurementFactory()
    act(browser, asked, "approve", net_cents="480")

    said = act(browser, asked, "decline", answer="No.")

    assert "somebody answered first, or it has ended." in said
    assert last_act().action == Action.PROCUREMENT_APPROVED


# --- prices and invoices --------------------------------------------------------------------------
def test_the_price_list_is_changed_for_what_comes(browser):
    plan, bought = PlanFactory(), PurchaseFactory()

    said = act(browser, plan, "edit", unit_cents="7", people="60")

    assert "€7 a person a month, for up to 60 people." in said
    plan.refresh_from_db()
    assert (plan.unit_cents, plan.people) == (700, 60)
    assert Purchase.objects.get(pk=bought.pk).total_cents == bought.total_cents
    entry = last_act()
    assert (entry.action, entry.data["price"]) == (
        Action.PLAN_EDITED,
        "€7 a person a month",
    )


def test_a_plan_without_a_price_is_on_request(browser):
    plan = PlanFactory()
    act(browser, plan, "edit", unit_cents="", people="60")
    assert not Plan.objects.get(pk=plan.pk).is_priced


def test_money_that_arrived_is_recorded_once(browser, server):
    invoice = of_server(server)

    assert "paid." in act(browser, invoice, "settle")
    assert "it is paid already." in act(browser, invoice, "settle")

    invoice.refresh_from_db()
    assert invoice.paid_at
    assert last_act().data["number"] == invoice.title


# --- what is seen, and that it is -----------------------------------------------------------------
def test_to_look_at_what_a_server_pays_stands_in_its_log(browser, server):
    invoice = of_server(server)
    subscription = invoice.subscription
    for row in (invoice, subscription, subscription.purchase, invoice):
        assert browser.get(page_of(row)).status_code == 200

    assert [event.data["page"] for event in events_of(server)] == [
        "invoice",
        "subscription",
        "purchase",
    ]


@pytest.mark.django_db(transaction=True)
def test_the_entry_is_committed_before_the_page_is_shown(server):
    invoice = of_server(server)
    assert browser_of(operator()).get(page_of(invoice)).status_code == 200
    assert actions_of(server) == ["page.viewed"]


@pytest.mark.django_db(transaction=True)
def test_a_page_whose_entry_cannot_be_written_is_not_shown(server, monkeypatch):
    invoice, browser = of_server(server), browser_of(operator())
    monkeypatch.setattr("audit.recording.APPEND", "SELECT no_such_append(%s, %s, %s, %s)")

    answer = browser.get(page_of(invoice))

    assert answer.status_code == 503
    assert invoice.title not in answer.content.decode()


@pytest.mark.parametrize("table", TABLES)
def test_no_list_and_no_page_shows_what_a_customer_typed(browser, table):
    server = ServerFactory(name="Atelier Secret", owner__username="kestrel")
    of_server(server)
    ProcurementFactory(purchase__name="Atelier Secret", purchase__buyer__username="lapwing")
    PurchaseFactory(name="Atelier Secret", buyer__username="plover")
    rows = apps.get_model("servers", table).objects.all()
    for page in (list_of(table), *map(page_of, rows)):
        shown = browser.get(page).content.decode()
        for typed in ("Atelier Secret", "kestrel", "lapwing", "plover"):
            assert typed not in shown


# --- pages that are no tables ---------------------------------------------------------------------
@pytest.mark.parametrize("name", [page.name for page in PAGES])
def test_what_is_no_table_is_behind_the_same_door(name, ada):
    known = {"bound": ["queue_cap"], "log-proof": [0]}
    url = reverse(f"ops:{name}", args=known.get(name, []))
    by_code = Browser().sign_in(OperatorFactory().account)
    for ask in ("get", "post"):
        assert getattr(Browser().sign_in(ada.warrant.account), ask)(url).status_code == 404
        assert getattr(by_code, ask)(url).status_code == 403


@pytest.mark.parametrize("page", [page for page in PAGES if page.words], ids=["bounds", "log"])
def test_they_are_found_from_the_first_page_and_leave_an_entry(browser, page):
    url = reverse(f"ops:{page.name}")
    assert page.words in browser.get(reverse("ops:index")).content.decode()
    assert browser.get(url).status_code == 200
    looked = events_of(AuditStream(pk=PLATFORM))[-1]
    assert (looked.action, looked.actor_name) == (Action.PAGE_VIEWED, "opal")


# --- how far servers may go -----------------------------------------------------------------------
def test_the_bounds_are_shown_in_words_also_where_nobody_set_one(browser):
    shown = browser.get(reverse("ops:bounds")).content.decode()
    for setting in policy.SETTINGS.values():
        assert setting.label in shown
    assert "30 days" in shown


def test_a_bound_is_set_and_recorded(browser):
    url = reverse("ops:bound", args=["message_lifetime"])
    typed = {"default": "86400", "least": "3600", "most": "604800", "locked": ""}

    assert browser.post(url, typed).url == reverse("ops:bounds")

    bound = PolicyBound.objects.get(pk="message_lifetime")
    assert (bound.default, bound.least, bound.most, bound.locked) == (86400, 3600, 604800, False)
    entry = last_act()
    assert (entry.action, entry.actor_name) == (Action.POLICY_BOUND_SET, "opal")


@pytest.mark.parametrize(
    "typed",
    [
        {"default": "3600", "least": "86400", "most": "604800"},
        {"default": "3601", "least": "3600", "most": "604800"},
        {"default": "3600", "least": "3600"},
    ],
)
def test_a_bound_that_makes_no_sense_is_told_and_changes_nothing(browser, typed):
    answer = browser.post(reverse("ops:bound", args=["message_lifetime"]), typed)

    assert "There is a problem" in answer.content.decode()
    assert not PolicyBound.objects.exists()


def test_what_is_no_setting_has_no_page(browser):
    assert browser.get(reverse("ops:bound", args=["favourite_colour"])).status_code == 404


def test_a_bound_asks_for_a_fresh_factor(browser):
    answer = browser.grow_stale().get(reverse("ops:bound", args=["queue_cap"]))
    assert answer.url.startswith("/confirm-you/")
