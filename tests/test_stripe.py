"""Stripe's words: each has one effect, whatever is repeated, forged, late or out of order."""

import time
from threading import Barrier
from uuid import uuid4

import pytest
import stripe
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse

from servers.models.payment import PaymentEvent, Refund
from servers.models.purchase import Purchase
from servers.models.subscription import Subscription
from servers.purchase.providers import by_name
from tests import stripe_fake as shapes
from tests.browser import Browser
from tests.factories import AccountFactory, PlanFactory, PurchaseFactory
from tests.test_checkout import filled_in

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("fake"),
    pytest.mark.requirement("R6"),
]

SESSIONS, SESSION = "POST /v1/checkout/sessions", "GET /v1/checkout/sessions/cs_1"
HOUR = 3600


@pytest.fixture
def hook():
    return shapes.Hook()


def stripe_purchase(**chosen):
    return PurchaseFactory(provider="stripe", reference="cs_1", **chosen)


@pytest.fixture
def purchase(db):
    return stripe_purchase()


@pytest.fixture
def paid(purchase, hook):
    """A purchase that was paid an hour ago, and its subscription."""
    body = hook.event("checkout.session.completed", shapes.session(purchase), created=-HOUR)
    assert hook.deliver(body) == 200
    return again(purchase)


def again(purchase):
    return Purchase.objects.get(pk=purchase.pk)


def state_of(purchase):
    return Subscription.objects.get(purchase=purchase).state


# --- the way there --------------------------------------------------------------------------------
def test_the_buyer_is_led_to_stripe_by_a_plain_link(fake):
    PlanFactory()
    fake.answers = {SESSIONS: {"id": "cs_1"}, SESSION: {"status": "open", "url": shapes.PAGE}}
    browser = Browser().sign_in(AccountFactory())

    page = browser.get(browser.post("/new/", filled_in()).url)

    assert f'href="{shapes.PAGE}"' in page.content.decode()
    assert "form-action 'self'" in page.headers["Content-Security-Policy"]


def test_stripe_learns_the_price_and_our_id_and_nothing_of_the_person(fake):
    PlanFactory()
    fake.answers = {SESSIONS: {"id": "cs_1"}}
    buyer = AccountFactory(username="very-private-person")

    Browser().sign_in(buyer).post("/new/", filled_in())

    purchase = Purchase.objects.get(buyer=buyer)
    (sent,) = fake.sent_to(SESSIONS)
    assert sent["client_reference_id"] == str(purchase.pk)
    assert sent["line_items[0][price_data][unit_amount]"] == "15600"
    assert sent["mode"] == "subscription"
    assert fake.keys_of(SESSIONS) == [f"start-{purchase.pk}"]
    assert "very-private-person" not in str(sent)
    assert "Atelier" not in str(sent)


def test_an_hour_without_stripe_buys_nothing_and_the_next_click_goes_on(fake):
    PlanFactory()
    fake.answers = {SESSIONS: stripe.APIConnectionError("no network")}
    browser, sent = Browser().sign_in(AccountFactory()), filled_in()
    answer = browser.post("/new/", sent)
    assert answer.status_code == 503
    assert "does not answer" in answer.content.decode()

    fake.answers = {SESSIONS: {"id": "cs_1"}}
    browser.post("/new/", sent)
    assert Purchase.objects.get().state == "awaiting_payment"


def test_coming_back_from_stripe_pays_nothing(fake, purchase):
    fake.answers = {SESSION: {"status": "complete", "url": None}}
    browser, url = Browser().sign_in(purchase.buyer), reverse("pay", args=[purchase.pk])

    page = browser.get(url).content.decode()
    browser.post(url)

    assert "Waiting for the payment provider" in page
    assert again(purchase).state == "awaiting_payment"


def test_the_pay_page_says_when_stripe_does_not_answer(fake, purchase):
    fake.answers = {SESSION: stripe.APIConnectionError("no network")}
    answer = Browser().sign_in(purchase.buyer).get(reverse("pay", args=[purchase.pk]))
    assert answer.status_code == 503


def test_without_its_keys_stripe_is_not_offered(settings):
    settings.STRIPE_WEBHOOK_SECRET = ""
    with pytest.raises(ImproperlyConfigured, match="STRIPE_WEBHOOK_SECRET"):
        by_name("stripe")


# --- a payment ------------------------------------------------------------------------------------
def test_the_event_pays_the_purchase_and_wakes_the_creation(
    purchase, hook, rung, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        assert hook.say("checkout.session.completed", shapes.session(purchase)) == 200

    assert again(purchase).state == "paid"
    assert again(purchase).subscription.reference == "sub_1"
    assert rung == [("lifecycle.create", str(purchase.pk))]


def test_a_slow_way_of_paying_is_paid_by_its_own_event(purchase, hook):
    hook.say("checkout.session.completed", shapes.session(purchase, payment_status="unpaid"))
    assert again(purchase).state == "awaiting_payment"
    hook.say("checkout.session.async_payment_succeeded", shapes.session(purchase))
    assert again(purchase).state == "paid"


@pytest.mark.parametrize("kind", ["expired", "async_payment_failed"])
def test_a_session_that_is_over_ends_the_purchase(purchase, hook, kind):
    hook.say(f"checkout.session.{kind}", shapes.session(purchase, payment_status="unpaid"))
    assert again(purchase).state == "expired"


def test_a_session_that_is_over_takes_nothing_from_what_is_paid(paid, hook):
    hook.say("checkout.session.expired", shapes.session(paid))
    assert again(paid).state == "paid"


# --- not to be believed ---------------------------------------------------------------------------
def test_what_is_not_signed_just_now_by_stripe_is_refused(purchase, hook):
    body = hook.event("checkout.session.completed", shapes.session(purchase))
    good = stripe.WebhookSignature.generate_signature_header(body.decode(), shapes.SECRET)

    refused = [
        hook.deliver(body, secret="whsec_of_somebody_else"),
        hook.deliver(body, signed=-301),
        hook.deliver(body, signed=600),
        hook.deliver(body, signed=90),
        hook.deliver(body.replace(b"sub_1", b"sub_2"), header=good),
        hook.deliver(body, header="none at all"),
        hook.deliver(body, header="t=soon,v1=00"),
        hook.deliver(body, header=good.replace("v1=", "v0=")),
        hook.deliver(b"not JSON"),
        hook.deliver(b'{"id": "evt_1"}'),
        hook.deliver(b"[]"),
    ]

    assert refused == [400] * 11
    assert again(purchase).state == "awaiting_payment"
    assert not PaymentEvent.objects.exists()
    assert hook.deliver(body, signed=50) == 200, "clocks may differ a little"


def test_without_a_secret_there_is_no_such_page(purchase, hook, settings):
    settings.STRIPE_WEBHOOK_SECRET = ""
    settings.DEBUG = False
    assert hook.say("checkout.session.completed", shapes.session(purchase)) == 404


def test_a_replayed_event_has_no_second_effect(purchase, hook):
    body = hook.event("checkout.session.completed", shapes.session(purchase))
    assert [hook.deliver(body), hook.deliver(body)] == [200, 200]

    assert PaymentEvent.objects.count() == 1
    assert again(purchase).subscription.invoices.count() == 1


@pytest.mark.django_db(transaction=True)
def test_parallel_deliveries_have_one_effect(elsewhere):
    purchase, together = stripe_purchase(), Barrier(6)
    hook = shapes.Hook()
    same = hook.event("checkout.session.completed", shapes.session(purchase))
    other = hook.event("invoice.paid", shapes.invoice(purchase))

    def deliver(body):
        together.wait()
        return shapes.Hook().deliver(body)

    answers = [elsewhere(lambda body=body: deliver(body)) for body in [same, other] * 3]

    assert [answer.result() for answer in answers] == [200] * 6
    assert again(purchase).state == "paid"
    assert Subscription.objects.filter(purchase=purchase).count() == 1
    assert again(purchase).subscription.invoices.count() == 1
    assert not Refund.objects.exists()


@pytest.mark.parametrize(
    ("kind", "about"),
    [
        ("customer.created", {"id": "cus_1", "object": "customer"}),
        ("checkout.session.completed", {"client_reference_id": None, "payment_status": "paid"}),
        ("checkout.session.completed", {"client_reference_id": "no-uuid"}),
        ("checkout.session.expired", {"client_reference_id": str(uuid4())}),
        ("invoice.paid", {"id": "in_9", "parent": None}),
        ("invoice.payment_failed", {"id": "in_9", "parent": {"quote_details": {}}}),
        ("customer.subscription.deleted", {"id": "sub_9", "metadata": {}}),
        ("customer.subscription.updated", {"id": "sub_9", "metadata": {}}),
    ],
)
def test_what_is_not_about_us_is_acknowledged_and_forgotten(hook, kind, about):
    assert hook.say(kind, about) == 200
    assert not PaymentEvent.objects.exists()


# --- out of order ---------------------------------------------------------------------------------
def test_the_invoice_may_come_before_the_session(purchase, hook):
    hook.say("invoice.paid", shapes.invoice(purchase))
    hook.say("checkout.session.completed", shapes.session(purchase), created=-5)

    assert again(purchase).state == "paid"
    assert [row.reference for row in again(purchase).subscription.invoices.all()] == ["in_1"]
    assert not Refund.objects.exists()


def test_an_older_failure_does_not_overrule_a_payment(paid, hook):
    renewal = shapes.invoice(paid, id="in_2")
    hook.say("invoice.paid", renewal)
    hook.say("invoice.payment_failed", renewal, created=-60)
    assert state_of(paid) == "paid"


def test_a_time_to_come_is_taken_for_now_and_outlasts_nothing(paid, hook):
    hook.say("invoice.paid", shapes.invoice(paid, id="in_2"), created=900 * HOUR)
    hook.say("invoice.payment_failed", shapes.invoice(paid, id="in_3"), created=5)
    assert state_of(paid) == "grace"


def test_a_failed_payment_is_followed_by_grace_and_a_later_one_ends_it(paid, hook):
    hook.say("invoice.payment_failed", shapes.invoice(paid, id="in_2"), created=-60)
    assert state_of(paid) == "grace"
    hook.say("invoice.paid", shapes.invoice(paid, id="in_2"))
    assert state_of(paid) == "paid"


def test_an_end_is_final_and_an_older_payment_still_has_its_invoice(paid, hook):
    hook.say("customer.subscription.deleted", shapes.subscription(paid), created=-30)
    hook.say("invoice.paid", shapes.invoice(paid, id="in_2"), created=-600)

    assert state_of(paid) == "closed"
    assert paid.subscription.invoices.filter(reference="in_2").exists()
    assert not Refund.objects.exists()


def test_money_that_comes_after_the_end_is_owed_back(paid, hook):
    hook.say("customer.subscription.deleted", shapes.subscription(paid), created=-30)
    hook.say("invoice.paid", shapes.invoice(paid, id="in_2"))

    assert state_of(paid) == "closed"
    assert Refund.objects.get(purchase=paid).reason == "ended"


def test_a_renewal_moves_the_end_of_the_period_and_never_back(paid, hook):
    def end():
        return int(Subscription.objects.get(purchase=paid).period_end.timestamp())

    until = int(time.time()) + 90 * 86400
    for invoice, ends in (("in_3", until), ("in_2", until - 30 * 86400)):
        lines = {"data": [{"period": {"start": ends - 30 * 86400, "end": ends}}]}
        hook.say("invoice.paid", shapes.invoice(paid, id=invoice, lines=lines))
    assert end() == until
