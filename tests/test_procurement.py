"""An enterprise hands in a purchase order, an operator decides, and only then comes a server."""

from threading import Barrier

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.urls import reverse

from audit.authority import OutsideAuthority
from audit.models import AuditEvent
from audit.recording import PLATFORM
from lifecycle import tasks
from servers.models import Server
from servers.models.invoice import Invoice
from servers.models.procurement import Procurement, ProcurementDecided
from servers.models.purchase import Purchase
from servers.purchase.actions import approve_procurement, decline_procurement
from tests.browser import Browser
from tests.factories import AccountFactory, PlanFactory, ProcurementFactory
from tests.search import says
from tests.support import actions_of
from tests.test_checkout import filled_in

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R7")]
HANDED_IN = {"order_number": "PO-7", "contact": "R. Okafor, orders@example.org"}


@pytest.fixture(autouse=True)
def selling(settings):
    settings.DEBUG, settings.PAYMENT_PROVIDER = True, "test"


@pytest.fixture
def asked(db):
    return ProcurementFactory()


@pytest.fixture
def buyer(db):
    PlanFactory()
    PlanFactory(
        code="enterprise", label="Enterprise", customer="enterprise", unit_cents=None, people=10**6
    )
    return AccountFactory()


@pytest.fixture
def browser(buyer):
    return Browser().sign_in(buyer)


def again(purchase):
    return Purchase.objects.get(pk=purchase.pk)


def platform_log():
    """The acts in the platform's log, oldest first."""
    return [event.action for event in AuditEvent.objects.of(PLATFORM).order_by("seq")]


# --- asking ---------------------------------------------------------------------------------------
def test_enterprise_is_chosen_on_the_checkout_and_asks_for_no_card(browser, buyer):
    page = browser.get("/enterprise/").content.decode()
    assert "Request a quote" in page
    assert "No card is asked for" in page
    assert "On request" in page

    answer = browser.post("/new/", filled_in(plan="enterprise", seats="400"))
    purchase = Purchase.objects.get(buyer=buyer)
    assert answer.url == reverse("procurement", args=[purchase.pk])
    assert (purchase.state, purchase.customer, purchase.seats) == ("draft", "enterprise", 400)


def test_handing_in_asks_nothing_twice_and_waits_for_approval(browser, buyer):
    url = browser.post("/new/", filled_in(plan="enterprise", seats="400")).url
    assert "Atelier North" in browser.get(url).content.decode()

    page = browser.post(url, HANDED_IN, follow=True).content.decode()

    purchase = Purchase.objects.get(buyer=buyer)
    assert (purchase.state, purchase.provider) == ("awaiting_approval", "invoice")
    assert "Your request is handed in." in page
    assert "PO-7" in page
    assert not Server.objects.filter(owner=buyer).exists()


def test_handing_in_twice_or_on_a_second_page_is_one_request(browser, buyer):
    sent = filled_in(plan="enterprise", seats="400")
    url = browser.post("/new/", sent).url
    for _ in range(2):
        browser.post(url, HANDED_IN)
    assert browser.post("/new/", sent).url == url
    assert Procurement.objects.filter(purchase__buyer=buyer).count() == 1


def test_what_is_missing_is_said(browser):
    url = browser.post("/new/", filled_in(plan="enterprise", seats="400")).url
    text = browser.post(url, {"order_number": ""}).content.decode()
    assert "Enter the number of your purchase order." in text
    assert "Enter who is to get the invoices." in text


def test_a_whole_installation_may_sell_by_invoice_only(browser, buyer, settings):
    settings.PAYMENT_PROVIDER = "invoice"
    url = browser.post("/new/", filled_in()).url
    browser.post(url, HANDED_IN)
    purchase = Purchase.objects.get(buyer=buyer)
    assert (purchase.state, purchase.total_cents) == ("awaiting_approval", 15600)


@pytest.mark.requirement("R29")
def test_the_purchase_order_and_the_contact_are_sealed_at_rest(asked):
    stored = Procurement.objects.filter(pk=asked.pk).values_list("order_number", "contact").get()
    assert not any(says("PO", value) or says("example", value) for value in stored)


def test_nobody_else_sees_a_request(asked, settings):
    settings.DEBUG = False
    url = reverse("procurement", args=[asked.purchase_id])
    assert Browser().sign_in(AccountFactory()).get(url).status_code == 404


def test_pressing_pay_does_not_approve(asked):
    browser = Browser().sign_in(asked.purchase.buyer)
    browser.post(reverse("pay", args=[asked.purchase_id]))
    assert again(asked.purchase).state == "awaiting_approval"


# --- deciding -------------------------------------------------------------------------------------
def test_approval_sets_the_price_invoices_it_and_wakes_the_creation(
    asked, opal, rung, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        approve_procurement(asked, 240000, by=opal)

    purchase = again(asked.purchase)
    assert (purchase.state, purchase.total_cents) == ("approved", 240000)
    assert purchase.subscription.state == "paid"
    (invoice,) = Invoice.objects.filter(subscription=purchase.subscription)
    assert (invoice.total_cents, invoice.paid_at) == (240000, None)
    assert rung == [("lifecycle.create", str(purchase.pk))]


@pytest.mark.requirement("R8")
def test_an_approved_purchase_becomes_a_server_that_its_buyer_sees(asked, opal):
    approve_procurement(asked, 240000, by=opal)
    tasks.create(str(asked.purchase_id))

    server = again(asked.purchase).server
    assert (server.name, actions_of(server)) == ("Atelier North", ["server.created"])
    browser = Browser().sign_in(asked.purchase.buyer)
    page = browser.get(reverse("creation", args=[asked.purchase_id])).content.decode()
    assert "Your server is ready" in page
    assert "Request approved" in page


def test_nothing_is_created_before_the_approval(asked):
    tasks.create(str(asked.purchase_id))
    tasks.creations()
    assert not Server.objects.filter(owner=asked.purchase.buyer).exists()


@pytest.mark.requirement("R5")
def test_each_decision_is_in_the_platforms_log_and_only_an_operators(asked, opal, oren, ada):
    for by in (oren, ada):
        with pytest.raises(OutsideAuthority):
            approve_procurement(asked, 1, by=by)
        with pytest.raises(OutsideAuthority):
            decline_procurement(asked, "No.", by=by)
    assert again(asked.purchase).state == "awaiting_approval"

    before = len(platform_log())
    approve_procurement(asked, 240000, by=opal)
    assert platform_log()[before:] == ["procurement.approved"]


def test_a_declined_request_says_why_and_keeps_no_name(asked, opal):
    decline_procurement(asked, "We could not confirm the purchase order.", by=opal)

    assert (again(asked.purchase).state, again(asked.purchase).name) == ("cancelled", None)
    browser = Browser().sign_in(asked.purchase.buyer)
    url = reverse("procurement", args=[asked.purchase_id])
    page = browser.get(url, follow=True).content.decode()
    assert "We could not confirm the purchase order." in page


def test_the_second_answer_loses_and_leaves_no_trace(asked, opal):
    decline_procurement(asked, "No.", by=opal)
    before = platform_log()
    with pytest.raises(ProcurementDecided):
        approve_procurement(asked, 240000, by=opal)
    assert again(asked.purchase).state == "cancelled"
    assert platform_log() == before


def test_a_request_that_has_run_out_cannot_be_approved(asked, opal):
    Purchase.objects.filter(pk=asked.purchase_id).end(Purchase.State.EXPIRED)
    with pytest.raises(ProcurementDecided):
        approve_procurement(asked, 240000, by=opal)
    assert Procurement.objects.get(pk=asked.pk).decision == ""


@pytest.mark.django_db(transaction=True)
def test_of_two_operators_at_the_same_moment_one_decides(elsewhere, opal):
    asked, together = ProcurementFactory(), Barrier(2)

    def work(decide):
        together.wait()
        try:
            decide()
        except ProcurementDecided:
            return "lost"
        return "won"

    answers = [
        elsewhere(lambda: work(lambda: approve_procurement(asked, 240000, by=opal))),
        elsewhere(lambda: work(lambda: decline_procurement(asked, "No.", by=opal))),
    ]
    assert sorted(answer.result() for answer in answers) == ["lost", "won"]


@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_a_decision_without_an_entry():
    asked = ProcurementFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        Procurement.objects.filter(pk=asked.pk).update(decision="approved", decided_at=Now())
