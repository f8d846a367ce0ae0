"""Commercial state moves by the provider's word, once, and decides nothing else."""

from datetime import timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.urls import reverse

from servers.models.payment import PaymentEvent, Refund
from servers.models.purchase import Purchase
from servers.purchase import payments
from servers.tasks import refund, stale_purchases
from tests.browser import Browser
from tests.factories import AccountFactory, ProcurementFactory, PurchaseFactory, ServerFactory
from tests.payments import payment_for

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R6")]


@pytest.fixture(autouse=True)
def selling(settings):
    settings.DEBUG = True
    settings.PAYMENT_PROVIDER = "test"


@pytest.fixture
def purchase(db):
    return PurchaseFactory()


def again(purchase):
    return Purchase.objects.get(pk=purchase.pk)


def test_a_payment_is_taken_in_once(purchase):
    assert payments.receive(purchase.pk, payment_for(purchase, event="evt_1"))
    paid_at = again(purchase).paid_at

    assert not payments.receive(purchase.pk, payment_for(purchase, event="evt_1"))
    assert not Purchase.objects.mark_paid(purchase.pk)
    assert (again(purchase).state, again(purchase).paid_at) == ("paid", paid_at)


@pytest.mark.django_db(transaction=True)
def test_the_same_event_delivered_at_the_same_moment_has_one_effect(elsewhere):
    purchase, together = PurchaseFactory(), Barrier(4)
    paid = payment_for(purchase)

    def deliver():
        together.wait()
        return payments.receive(purchase.pk, paid)

    deliveries = [elsewhere(deliver) for _ in range(4)]
    assert sorted(delivery.result() for delivery in deliveries) == [False, False, False, True]
    assert PaymentEvent.objects.filter(purchase=purchase).count() == 1
    assert again(purchase).subscription.invoices.count() == 1


def test_a_payment_wakes_the_creation_only_after_commit(
    purchase, rung, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        Purchase.objects.mark_paid(purchase.pk)
        assert not rung
    assert rung == [("lifecycle.create", str(purchase.pk))]


# --- money that buys nothing ----------------------------------------------------------------------
@pytest.mark.parametrize("state", ["cancelled", "expired"])
def test_a_payment_revives_nothing_that_has_ended_and_is_owed_back(purchase, state):
    Purchase.objects.filter(pk=purchase.pk).end(state)

    payments.receive(purchase.pk, payment_for(purchase))

    assert again(purchase).state == state
    owed = Refund.objects.get(purchase=purchase)
    assert (owed.reason, owed.cents, owed.refunded_at) == ("ended", 15600, None)


def test_what_is_owed_is_given_back_by_a_worker_and_the_page_says_so(
    purchase, rung, django_capture_on_commit_callbacks
):
    Purchase.objects.filter(pk=purchase.pk).end("expired")
    with django_capture_on_commit_callbacks(execute=True):
        payments.receive(purchase.pk, payment_for(purchase))
    ((task, refund_id),) = rung
    assert task == "servers.refund"
    browser, url = Browser().sign_in(purchase.buyer), reverse("creation", args=[purchase.pk])
    assert "It is being given back" in browser.get(url).content.decode()

    refund(refund_id)

    assert Refund.objects.get(pk=refund_id).refunded_at
    page = browser.get(url).content.decode()
    assert "It was given back on" in page
    assert "No payment was taken" not in page


@pytest.mark.parametrize("changes", [{"cents": 15599}, {"cents": 15601}, {"currency": "CHF"}])
def test_another_amount_than_agreed_buys_nothing(purchase, changes):
    payments.receive(purchase.pk, payment_for(purchase, **changes))

    assert again(purchase).state == "cancelled"
    assert Refund.objects.get(purchase=purchase).reason == "amount"


def test_a_second_payment_of_a_paid_purchase_is_owed_back(purchase):
    payments.receive(purchase.pk, payment_for(purchase, event="evt_1"))
    payments.receive(
        purchase.pk, payment_for(purchase, event="evt_2", reference="another", invoice="another")
    )

    assert again(purchase).state == "paid"
    assert Refund.objects.get(purchase=purchase).reason == "twice"


def test_one_payment_is_owed_back_once_whatever_speaks_of_it(purchase):
    Purchase.objects.filter(pk=purchase.pk).end("expired")
    for event in ("evt_1", "evt_2"):
        payments.receive(purchase.pk, payment_for(purchase, event=event))
    assert Refund.objects.filter(purchase=purchase).count() == 1


def test_only_what_is_paid_can_be_fulfilled_and_only_once(purchase):
    server = ServerFactory(owner=purchase.buyer)
    assert not Purchase.objects.fulfil(purchase.pk, server)
    Purchase.objects.mark_paid(purchase.pk)
    assert Purchase.objects.fulfil(purchase.pk, server)
    assert not Purchase.objects.fulfil(purchase.pk, ServerFactory())
    assert again(purchase).server == server


@pytest.mark.requirement("R29")
def test_the_name_typed_for_the_server_lives_on_in_the_server_alone(purchase):
    Purchase.objects.mark_paid(purchase.pk)
    Purchase.objects.fulfil(purchase.pk, ServerFactory())
    assert again(purchase).name is None


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "paid"},
        {"paid_at": Now()},
        {"state": "approved", "paid_at": Now()},
        {"state": "approved", "provider": ""},
        {"state": "fulfilled", "paid_at": Now(), "ended_at": Now(), "name": None},
        {"state": "cancelled", "ended_at": Now()},
        {"state": "awaiting_payment", "reference": ""},
        {"region": "moon"},
        {"seats": 0},
    ],
    ids=lambda changes: " and ".join(changes),
)
def test_the_database_refuses_a_state_that_contradicts_itself(purchase, changes):
    with pytest.raises(IntegrityError), transaction.atomic():
        Purchase.objects.filter(pk=purchase.pk).update(**changes)


def test_a_buyer_has_one_open_purchase_at_most(purchase):
    with pytest.raises(IntegrityError), transaction.atomic():
        PurchaseFactory(buyer=purchase.buyer)


def test_what_nobody_pays_for_expires_after_a_day_without_the_name(purchase):
    fresh = PurchaseFactory()
    Purchase.objects.filter(pk=purchase.pk).update(made_at=Now() - timedelta(hours=25))

    stale_purchases()

    assert (again(purchase).state, again(purchase).name) == ("expired", None)
    assert again(fresh).state == "awaiting_payment"


@pytest.mark.requirement("R7")
def test_a_request_that_nobody_answers_expires_after_thirty_days():
    asked, fresh = ProcurementFactory().purchase, ProcurementFactory().purchase
    Purchase.objects.filter(pk=asked.pk).update(made_at=Now() - timedelta(days=31))
    Purchase.objects.filter(pk=fresh.pk).update(made_at=Now() - timedelta(days=29))

    stale_purchases()

    assert (again(asked).state, again(asked).name) == ("expired", None)
    assert again(fresh).state == "awaiting_approval"


# --- the page on which it is paid -----------------------------------------------------------------
def test_the_pay_page_says_that_no_money_moves(purchase):
    page = Browser().sign_in(purchase.buyer).get(reverse("pay", args=[purchase.pk]))
    text = page.content.decode()
    assert "Test mode: no money moves" in text
    assert "Pay with the test provider" in text
    assert "€156.00" in text


def test_paying_twice_on_the_page_pays_once(purchase):
    browser, url = Browser().sign_in(purchase.buyer), reverse("pay", args=[purchase.pk])
    answers = [browser.post(url), browser.post(url)]
    assert {answer.url for answer in answers} == {reverse("creation", args=[purchase.pk])}
    assert PaymentEvent.objects.filter(purchase=purchase).count() == 1


@pytest.mark.parametrize("route", ["pay", "creation", "creation-progress"])
def test_nobody_else_sees_a_purchase(purchase, route, settings):
    settings.DEBUG = False  # else Django shows its own page for what is not found
    stranger = Browser().sign_in(AccountFactory())
    url = reverse(route, args=[purchase.pk])
    assert stranger.get(url).status_code == 404
    if route == "pay":
        assert stranger.post(url).status_code == 404
    assert again(purchase).state == "awaiting_payment"


@pytest.mark.parametrize("state", ["cancelled", "expired"])
def test_a_purchase_that_ended_says_so_and_shows_a_way_on(purchase, state):
    Purchase.objects.filter(pk=purchase.pk).end(state)
    browser = Browser().sign_in(purchase.buyer)
    answer = browser.get(reverse("pay", args=[purchase.pk]), follow=True)
    assert "This order has ended" in answer.content.decode()
    assert "No payment was taken" in answer.content.decode()
