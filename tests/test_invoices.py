"""Invoices: one for each payment or month, numbered without a gap, to be printed."""

from datetime import timedelta
from threading import Barrier

import pytest
from django.db.models.functions import Now
from django.urls import reverse

from audit.authority import OutsideAuthority
from enigm_command.lib import clock
from servers.models.invoice import Invoice
from servers.models.subscription import Subscription
from servers.purchase.actions import NotPossible, settle_invoice
from servers.purchase.providers.invoice import issue_next
from servers.tasks import subscriptions
from tests.browser import Browser
from tests.factories import (
    AccountFactory,
    InvoiceFactory,
    ProcurementFactory,
    SubscriptionFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R6")]
MONTH = timedelta(days=27)  # and a little


@pytest.fixture
def paid(db):
    """A subscription that is paid by invoice."""
    asked = ProcurementFactory(purchase__state="approved", purchase__name="Harbour Works").purchase
    return SubscriptionFactory(purchase=asked, period_end=clock.now(), total_cents=240000)


def issue(subscription, reference):
    now = clock.now()
    return Invoice.objects.issue(subscription, reference, period_begin=now, period_end=now + MONTH)


def again(row):
    return type(row).objects.get(pk=row.pk)


# --- numbers --------------------------------------------------------------------------------------
def test_numbers_follow_each_other_without_a_gap(paid):
    first = issue(paid, "one").number
    assert [issue(paid, name).number for name in ("two", "three")] == [first + 1, first + 2]


def test_the_same_period_or_payment_is_invoiced_once(paid):
    assert issue(paid, "one") == issue(paid, "one")


@pytest.mark.django_db(transaction=True)
def test_invoices_at_the_same_moment_have_different_numbers(elsewhere):
    rows = [SubscriptionFactory() for _ in range(6)]
    together = Barrier(6)

    def work(row):
        from django.db import transaction

        together.wait()
        with transaction.atomic():
            return issue(row, "one").number

    numbers = [each.result() for each in [elsewhere(lambda row=row: work(row)) for row in rows]]
    assert sorted(numbers) == list(range(min(numbers), min(numbers) + 6))


def test_an_invoice_keeps_what_things_were_called_and_cost(paid):
    invoice = issue(paid, "one")
    paid.plan.label = "Something else"
    paid.plan.save()
    assert (again(invoice).plan_label, again(invoice).total_cents) == ("Enterprise", 240000)


# --- month by month -------------------------------------------------------------------------------
def test_the_next_month_is_invoiced_once_when_the_last_is_paid(paid):
    subscriptions()
    subscriptions()
    (invoice,) = Invoice.objects.filter(subscription=paid)
    assert again(paid).period_end == invoice.period_end > clock.now() + MONTH
    assert (invoice.due_at - invoice.issued_at, invoice.paid_at) == (timedelta(days=30), None)


def test_nothing_more_is_invoiced_until_the_last_one_is_paid(paid, opal):
    invoice = issue_next(paid)
    Subscription.objects.filter(pk=paid.pk).update(period_end=Now())
    subscriptions()
    assert Invoice.objects.filter(subscription=paid).count() == 1

    settle_invoice(invoice, by=opal)
    Subscription.objects.filter(pk=paid.pk).update(period_end=Now() - timedelta(days=1))
    subscriptions()
    assert Invoice.objects.filter(subscription=paid).count() == 2


def test_money_for_an_overdue_invoice_ends_the_grace(paid, opal):
    invoice = issue_next(paid)
    Subscription.objects.filter(pk=paid.pk).update(state="grace")
    settle_invoice(invoice, by=opal)
    assert again(paid).state == "paid"
    assert again(invoice).paid_at


@pytest.mark.requirement("R5")
def test_an_invoice_is_settled_once_and_by_an_operator_only(paid, opal, oren):
    invoice = issue_next(paid)
    with pytest.raises(OutsideAuthority):
        settle_invoice(invoice, by=oren)
    assert not again(invoice).paid_at

    settle_invoice(invoice, by=opal)
    with pytest.raises(NotPossible):
        settle_invoice(invoice, by=opal)


# --- the page -------------------------------------------------------------------------------------
def test_the_page_says_who_sells_what_to_whom_for_how_much_and_where_to_pay(paid, settings):
    settings.INVOICE_SELLER = "Enigm Command AG|Seestrasse 1|8000 Zurich"
    settings.INVOICE_BANK = "IBAN CH00 0000 0000 0000 0000 0"
    invoice = InvoiceFactory(
        subscription=paid, total_cents=24320, tax_cents=1820, tax_label="VAT 8.1%"
    )

    page = Browser().sign_in(paid.purchase.buyer).get(reverse("invoice", args=[invoice.pk]))

    text = page.content.decode()
    for words in (
        f"Invoice {invoice}", "Enigm Command AG", "8000 Zurich", "PO-2026-118", "R. Okafor",
        "€225.00", "VAT 8.1%", "€18.20", "€243.20", "IBAN CH00", "Payable until",
    ):  # fmt: skip
        assert words in text


def test_a_paid_and_a_refunded_invoice_say_so(paid):
    invoice = InvoiceFactory(subscription=paid, paid_at=clock.now())
    browser, url = Browser().sign_in(paid.purchase.buyer), reverse("invoice", args=[invoice.pk])
    assert "Paid on" in browser.get(url).content.decode()

    Invoice.objects.note_refund(invoice.pk, 15600)
    assert "Refunded, " in browser.get(url).content.decode()


def test_nobody_else_sees_an_invoice(paid, settings):
    settings.DEBUG = False
    invoice = InvoiceFactory(subscription=paid)
    browser = Browser().sign_in(AccountFactory())
    assert browser.get(reverse("invoice", args=[invoice.pk])).status_code == 404
