"""What we ask of Stripe once it has been paid: money back, another price, an end."""

import pytest
from django.urls import reverse

from servers.models.payment import Refund
from servers.models.subscription import Subscription
from servers.purchase.providers import Unreachable
from servers.tasks import provider_errands, refund, tell_provider
from tests import stripe_fake as shapes
from tests.browser import Browser
from tests.test_stripe import again, hook, paid, purchase, state_of

__all__ = ["hook", "paid", "purchase"]  # fixtures

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("fake"),
    pytest.mark.requirement("R6"),
]

SUBSCRIPTION, CHANGE = "GET /v1/subscriptions/sub_1", "POST /v1/subscriptions/sub_1"
CANCEL, REFUNDS = "DELETE /v1/subscriptions/sub_1", "POST /v1/refunds"
INVOICE, PAYMENTS = "GET /v1/invoices/in_1", "GET /v1/invoice_payments"
HOUR = 3600


# --- refunds --------------------------------------------------------------------------------------
def test_another_amount_is_given_back_and_its_subscription_ended(purchase, hook, fake):
    hook.say("checkout.session.completed", shapes.session(purchase, amount_total=1))
    hook.say("invoice.paid", shapes.invoice(purchase, amount_paid=1))
    owed = Refund.objects.get(purchase=purchase)
    assert (again(purchase).state, owed.reason) == ("cancelled", "amount")
    fake.answers = {
        INVOICE: {**shapes.invoice(purchase), "payments": shapes.invoice_payments("in_1")},
        SUBSCRIPTION: shapes.subscription(purchase),
        CANCEL: shapes.subscription(purchase, status="canceled"),
        REFUNDS: {"id": "re_1", "object": "refund"},
    }

    refund(str(owed.pk))
    refund(str(owed.pk))

    assert len(fake.sent_to(CANCEL)) == 1
    assert fake.sent_to(REFUNDS) == [{"payment_intent": "pi_1"}]
    assert fake.keys_of(REFUNDS) == [f"refund-{owed.pk}-pi_1"]
    assert Refund.objects.get(pk=owed.pk).refunded_at


def test_a_refund_that_stripe_did_not_take_is_tried_again_by_the_sweep(
    purchase, hook, fake, rung, django_capture_on_commit_callbacks
):
    hook.say("checkout.session.completed", shapes.session(purchase, amount_total=1))
    owed = Refund.objects.get(purchase=purchase)
    with pytest.raises(Unreachable):
        refund(str(owed.pk))
    assert Refund.objects.get(pk=owed.pk).refunded_at is None

    with django_capture_on_commit_callbacks(execute=True):
        provider_errands()
    assert ("servers.refund", str(owed.pk)) in rung


def test_what_was_given_back_already_is_not_an_error(purchase, hook, fake):
    hook.say("checkout.session.completed", shapes.session(purchase, amount_total=1))
    fake.answers = {
        INVOICE: {**shapes.invoice(purchase), "payments": shapes.invoice_payments("in_1")},
        SUBSCRIPTION: shapes.subscription(purchase, status="canceled"),
        REFUNDS: (400, "charge_already_refunded"),
    }
    owed = Refund.objects.get(purchase=purchase)
    refund(str(owed.pk))
    assert Refund.objects.get(pk=owed.pk).refunded_at
    assert not fake.sent_to(CANCEL)


def test_a_refund_at_stripe_is_noted_on_the_invoice_and_changes_nothing_else(paid, hook, fake):
    fake.answers = {PAYMENTS: shapes.invoice_payments(shapes.invoice(paid))}
    hook.say("charge.refunded", shapes.charge(amount_refunded=15600))
    hook.say("charge.refunded", shapes.charge(amount_refunded=100), created=-60)

    invoice = paid.subscription.invoices.get()
    assert (invoice.refunded_cents, bool(invoice.refunded_at)) == (15600, True)
    assert (again(paid).state, state_of(paid)) == ("paid", "paid")


def test_a_refund_of_what_is_not_booked_yet_is_asked_for_again(purchase, hook, fake):
    fake.answers = {PAYMENTS: shapes.invoice_payments(shapes.invoice(purchase))}
    said = hook.event("charge.refunded", shapes.charge(amount_refunded=100))
    assert hook.deliver(said) == 503
    hook.say("invoice.paid", shapes.invoice(purchase))
    assert hook.deliver(said) == 200
    assert again(purchase).subscription.invoices.get().refunded_cents == 100


def test_a_refund_of_somebody_elses_charge_is_acknowledged(hook, fake):
    fake.answers = {PAYMENTS: shapes.invoice_payments()}
    assert hook.say("charge.refunded", shapes.charge(amount_refunded=100)) == 200


# --- what we tell Stripe --------------------------------------------------------------------------
def test_another_plan_is_charged_from_the_next_period_on(paid, fake):
    Subscription.objects.filter(purchase=paid).update(revision=1)
    fake.answers = {SUBSCRIPTION: shapes.subscription(paid), CHANGE: shapes.subscription(paid)}

    tell_provider(str(paid.subscription.pk))
    tell_provider(str(paid.subscription.pk))

    (sent,) = fake.sent_to(CHANGE)
    assert sent["proration_behavior"] == "none"
    assert sent["items[0][price_data][unit_amount]"] == "15600"
    assert sent["items[0][id]"] == "si_1"


def test_a_cancellation_is_told_and_an_echo_of_it_changes_nothing(paid, fake, hook):
    Subscription.objects.filter(purchase=paid).cancel()
    fake.answers = {SUBSCRIPTION: shapes.subscription(paid), CHANGE: shapes.subscription(paid)}
    hook.say("customer.subscription.updated", shapes.subscription(paid))
    assert Subscription.objects.get(purchase=paid).is_stopped, "not told yet, so not taken back"

    tell_provider(str(paid.subscription.pk))
    assert fake.sent_to(CHANGE) == [{"cancel_at_period_end": "true"}]
    fake.answers = {SUBSCRIPTION: shapes.subscription(paid, cancel_at_period_end=True)}
    hook.say("customer.subscription.updated", shapes.subscription(paid))
    assert Subscription.objects.get(purchase=paid).is_stopped
    assert not Subscription.objects.unfinished().filter(purchase=paid).exists()


def test_a_cancellation_at_stripe_counts_and_can_be_taken_back_there(paid, hook, fake):
    fake.answers = {SUBSCRIPTION: shapes.subscription(paid, cancel_at_period_end=True)}
    hook.say("customer.subscription.updated", shapes.subscription(paid))
    assert Subscription.objects.get(purchase=paid).is_stopped

    fake.answers = {SUBSCRIPTION: shapes.subscription(paid)}
    older = shapes.subscription(paid, cancel_at_period_end=True)
    hook.say("customer.subscription.updated", older, created=-60)
    assert not Subscription.objects.get(purchase=paid).is_stopped


def test_what_the_clock_has_closed_is_ended_at_stripe(paid, fake):
    Subscription.objects.filter(purchase=paid).close()
    fake.answers = {SUBSCRIPTION: shapes.subscription(paid), CANCEL: shapes.subscription(paid)}
    tell_provider(str(paid.subscription.pk))
    assert len(fake.sent_to(CANCEL)) == 1


def test_the_portal_is_a_plain_link_for_this_one_customer(paid, fake):
    fake.answers = {
        SUBSCRIPTION: shapes.subscription(paid),
        "POST /v1/billing_portal/sessions": {"url": "https://billing.stripe.example/p/1"},
    }
    url = reverse("portal", args=[paid.subscription.pk])
    browser = Browser().sign_in(paid.buyer)
    assert "https://billing.stripe.example/p/1" in browser.post(url).content.decode()

    fake.answers = {}
    assert browser.post(url).status_code == 503
