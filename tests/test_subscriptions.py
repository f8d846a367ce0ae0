"""The facts of paying: what each changes stands in one table, and the clock moves them on."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.urls import reverse

from audit.authority import OutsideAuthority
from enigm_command.lib import clock
from lifecycle.commercial import servers_to_retire
from servers.models.invoice import Invoice
from servers.models.purchase import Purchase
from servers.models.subscription import Subscription
from servers.purchase import consequences, payments, pricing
from servers.purchase.actions import NotPossible, cancel_subscription, change_plan, edit_plan
from servers.tasks import provider_errands, subscriptions, tell_provider
from tests.browser import Browser
from tests.factories import (
    AccountFactory,
    BoughtFactory,
    PlanFactory,
    ServerFactory,
    SubscriptionFactory,
)
from tests.payments import payment_for
from tests.support import actions_of, events_of, excused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R2", "R6")]

State = Subscription.State
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def selling(settings):
    settings.DEBUG, settings.PAYMENT_PROVIDER = True, "test"


@pytest.fixture
def paid(server):
    """What Oren pays for his server."""
    return SubscriptionFactory(purchase=BoughtFactory(server=server))


def again(subscription):
    return Subscription.objects.get(pk=subscription.pk)


def put_into(subscription, state, **changes):
    closed_at = Now() if state == State.CLOSED else None
    Subscription.objects.filter(pk=subscription.pk).update(
        state=state, closed_at=closed_at, **changes
    )
    return again(subscription)


def days_after_the_period(subscription, days):
    """So long ago the period that is paid was over."""
    Subscription.objects.filter(pk=subscription.pk).update(period_end=Now() - days * DAY)


# --- the table ------------------------------------------------------------------------------------
def test_the_table_has_a_row_for_each_state_and_says_what_design_says():
    assert list(consequences.TABLE) == list(State)
    assert consequences.that("plan_can_change") == [State.PAID]
    assert consequences.that("owner_is_reminded") == [State.GRACE, State.LAPSED]
    assert consequences.that("retirement_is_announced") == [State.CLOSED]


@pytest.mark.parametrize("state", State)
def test_the_plan_can_change_in_the_states_that_the_table_names(server, paid, oren, state):
    put_into(paid, state)
    price = pricing.quote(paid.plan, 30)

    if consequences.TABLE[state].plan_can_change:
        change_plan(server, paid, price, by=oren)
        assert again(paid).seats == 30
        assert actions_of(server) == ["plan.changed"]
    else:
        with pytest.raises(NotPossible):
            change_plan(server, paid, price, by=oren)
        assert again(paid).seats == 26
        assert actions_of(server) == []


@pytest.mark.parametrize("state", State)
def test_a_server_is_to_be_retired_in_the_state_that_the_table_names(server, paid, state):
    put_into(paid, state)
    expected = [server] if consequences.TABLE[state].retirement_is_announced else []
    assert list(servers_to_retire()) == expected


@pytest.mark.parametrize("standing", ["retiring", "deleting", "deleted"])
def test_what_ends_already_is_not_announced_again(standing):
    server = ServerFactory(standing=standing)
    put_into(SubscriptionFactory(purchase=BoughtFactory(server=server)), State.CLOSED)
    assert server not in servers_to_retire()


@pytest.mark.parametrize("state", State)
def test_the_owner_is_told_the_state_and_what_follows_from_it(server, paid, state):
    put_into(paid, state)
    browser = Browser().sign_in(server.owner)
    page = browser.get(reverse("subscription", args=[paid.pk])).content.decode()
    row = consequences.TABLE[state]
    told = row.owner_is_reminded or row.retirement_is_announced
    assert (row.words in page) is told
    assert ("Change the plan" in page) is row.plan_can_change


# --- the clock ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("before", "days", "after"),
    [
        (State.PAID, -1, State.PAID),
        (State.PAID, 2, State.PAID),
        (State.PAID, 4, State.GRACE),
        (State.GRACE, 13, State.GRACE),
        (State.GRACE, 15, State.LAPSED),
        (State.LAPSED, 59, State.LAPSED),
        (State.LAPSED, 61, State.CLOSED),
        (State.CLOSED, 400, State.CLOSED),
    ],
)
def test_time_makes_a_payment_late_then_unpaid_then_closed(paid, before, days, after):
    put_into(paid, before)
    days_after_the_period(paid, days)
    Subscription.objects.age()
    assert again(paid).state == after


@pytest.mark.parametrize("days", [0, 5, 90])
def test_the_test_provider_pays_each_month_once_however_late_the_sweep(paid, days):
    days_after_the_period(paid, days)
    subscriptions()
    subscriptions()

    assert again(paid).state == State.PAID
    assert again(paid).period_end > clock.now() + 27 * DAY
    assert Invoice.objects.filter(subscription=paid).count() == 1


def test_a_cancelled_subscription_is_charged_no_more_and_ends_with_its_period(paid):
    Subscription.objects.filter(pk=paid.pk).cancel()
    subscriptions()
    assert again(paid).state == State.PAID

    days_after_the_period(paid, 0)
    subscriptions()
    assert again(paid).state == State.CLOSED
    assert not Invoice.objects.filter(subscription=paid).exists()


def test_nothing_is_charged_for_a_server_that_is_gone():
    server = ServerFactory(standing="deleted")
    paid = SubscriptionFactory(purchase=BoughtFactory(server=server))
    subscriptions()
    assert again(paid).is_stopped
    assert actions_of(server) == []


def test_nothing_is_charged_once_somebody_used_the_payment_code(server, paid):
    code = Purchase.objects.give_code(paid.purchase)
    Purchase.objects.stop(code)
    subscriptions()
    assert again(paid).is_stopped
    server.refresh_from_db()
    assert (server.standing, actions_of(server)) == ("active", [])


@pytest.mark.parametrize("state", [State.GRACE, State.LAPSED])
def test_a_payment_that_comes_late_makes_it_paid_again(paid, state):
    put_into(paid, state)
    payments.receive(paid.purchase_id, payment_for(paid.purchase, invoice="second"))
    assert again(paid).state == State.PAID


def test_the_database_refuses_a_state_that_contradicts_itself(paid):
    for changes in ({"state": "closed"}, {"closed_at": Now()}, {"state": "free"}, {"seats": 0}):
        with pytest.raises(IntegrityError), excused():
            Subscription.objects.filter(pk=paid.pk).update(**changes)


@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_another_price_without_an_entry():
    paid = SubscriptionFactory(purchase=BoughtFactory(server=ServerFactory()))
    with pytest.raises(IntegrityError), transaction.atomic():
        Subscription.objects.filter(pk=paid.pk).update(seats=1, total_cents=1)


# --- the owner's acts -----------------------------------------------------------------------------
def test_a_plan_change_is_in_the_servers_log_and_told_to_the_provider(
    server, paid, oren, rung, django_capture_on_commit_callbacks
):
    flat = PlanFactory(code="individual", label="Individual", unit_cents=1200, per_person=False)
    with django_capture_on_commit_callbacks(execute=True):
        change_plan(server, paid, pricing.quote(flat, 5), by=oren)

    (event,) = events_of(server)
    assert event.sentence == "changed the plan: individual, for 5 people"
    assert (again(paid).plan, again(paid).total_cents) == (flat, 1200)
    assert rung == [("servers.tell_provider", str(paid.pk))]

    tell_provider(str(paid.pk))
    assert not Subscription.objects.unfinished().filter(pk=paid.pk).exists()


def test_what_a_provider_was_not_told_the_sweep_rings_for(
    server, paid, oren, rung, django_capture_on_commit_callbacks
):
    cancel_subscription(server, paid, by=oren)
    with django_capture_on_commit_callbacks(execute=True):
        provider_errands()
    assert ("servers.tell_provider", str(paid.pk)) in rung


def test_cancelling_twice_is_one_act(server, paid, oren):
    cancel_subscription(server, paid, by=oren)
    with pytest.raises(NotPossible):
        cancel_subscription(server, paid, by=oren)
    assert actions_of(server) == ["subscription.cancelled"]


def test_only_the_owner_pays_changes_and_cancels(server, paid, ada, mallory):
    for by in (ada, mallory):
        with pytest.raises(OutsideAuthority):
            cancel_subscription(server, paid, by=by)
        with pytest.raises(OutsideAuthority):
            change_plan(server, paid, pricing.quote(paid.plan, 30), by=by)
    assert not again(paid).is_stopped
    assert actions_of(server) == ["subscription.cancelled refused", "plan.changed refused"]


def test_an_operator_changes_the_price_list_but_nobodys_price(server, paid, opal, oren):
    edit_plan(paid.plan, unit_cents=700, people=60, by=opal)

    assert again(paid).total_cents == 15600
    assert pricing.quote(again(paid).plan, 26).total_cents == 26 * 700
    with pytest.raises(OutsideAuthority):
        edit_plan(paid.plan, unit_cents=1, people=60, by=oren)


# --- pages ----------------------------------------------------------------------------------------
def test_the_owner_sees_plan_price_next_charge_and_invoices(server, paid):
    payments.receive(paid.purchase_id, payment_for(paid.purchase, invoice="second"))
    browser = Browser().sign_in(server.owner)
    listed = browser.get("/billing/").content.decode()
    page = browser.get(reverse("subscription", args=[paid.pk])).content.decode()

    assert "Atelier North" in listed
    for words in ("Team, 26 people", "€156.00", "Next charge", "Invoices", "Cancel the"):
        assert words in page
    assert str(Invoice.objects.get(subscription=paid)) in page


def test_the_page_changes_the_plan_and_shows_the_price_first(server, paid):
    browser, url = Browser().sign_in(server.owner), reverse("plan-change", args=[paid.pk])
    text = browser.post(url, {"plan": "team", "seats": "40", "update": "total"}).content.decode()
    assert "€240.00" in text
    assert again(paid).seats == 26

    page = browser.post(url, {"plan": "team", "seats": "40"}, follow=True).content.decode()
    assert "From the next charge on you pay €240.00 a month." in page
    assert again(paid).seats == 40


def test_the_page_refuses_more_people_than_the_plan_is_for(server, paid):
    browser, url = Browser().sign_in(server.owner), reverse("plan-change", args=[paid.pk])
    text = browser.post(url, {"plan": "team", "seats": "51"}).content.decode()
    assert "The Team plan is for up to 50 people." in text
    assert again(paid).seats == 26


def test_a_plan_that_cannot_change_now_says_so(server, paid):
    put_into(paid, State.GRACE)
    browser, url = Browser().sign_in(server.owner), reverse("plan-change", args=[paid.pk])
    page = browser.post(url, {"plan": "team", "seats": "40"}, follow=True).content.decode()
    assert "The plan cannot be changed at present." in page


def test_cancelling_says_what_follows_and_is_done_by_one_button(server, paid):
    browser, url = Browser().sign_in(server.owner), reverse("cancellation", args=[paid.pk])
    asked = browser.get(url).content.decode()
    assert "at least 30 days ahead" in asked
    assert not again(paid).is_stopped

    page = browser.post(url, follow=True).content.decode()
    assert "Nothing more is charged." in page
    assert "None: cancelled" in page
    assert actions_of(server) == ["subscription.cancelled"]
    assert "was cancelled before" in browser.post(url, follow=True).content.decode()


def test_a_stale_session_changes_neither_plan_nor_payment(server, paid):
    """Neither does it open the provider's page, or a new code that stops the paying."""
    stale = Browser().sign_in(server.owner).grow_stale()
    for route in ("plan-change", "cancellation", "portal"):
        answer = stale.post(reverse(route, args=[paid.pk]), {"plan": "team", "seats": "30"})
        assert answer.url.startswith("/confirm-you/")
    answer = stale.post(reverse("payment-code", args=[paid.purchase_id]))
    assert answer.url.startswith("/confirm-you/")
    assert actions_of(server) == []


def test_nobody_elses_subscription_can_be_seen(paid, ada, settings):
    settings.DEBUG = False
    for account in (ada.warrant.account, AccountFactory()):
        browser = Browser().sign_in(account)
        assert browser.get(reverse("subscription", args=[paid.pk])).status_code == 404
        assert browser.get("/billing/").content.decode().count("/billing/") < 5
        for route in ("plan-change", "cancellation", "portal"):
            assert browser.post(reverse(route, args=[paid.pk])).status_code == 404


def test_after_the_server_is_gone_its_invoices_stay_and_nothing_else_can_be_done(settings):
    settings.DEBUG = False
    server = ServerFactory(standing="deleted")
    paid = SubscriptionFactory(purchase=BoughtFactory(server=server))
    browser = Browser().sign_in(server.owner)
    assert "Deleted server" in browser.get(reverse("subscription", args=[paid.pk])).content.decode()
    for route in ("plan-change", "cancellation"):
        answer = browser.post(reverse(route, args=[paid.pk]), {"plan": "team", "seats": "5"})
        assert answer.status_code == 404
