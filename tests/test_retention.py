"""What the register keeps no longer is forgotten, and nothing goes before its time."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.db.models.functions import Now

from accounts.models import Account
from audit.models import AuditEvent
from audit.vocabulary import Action
from content import partitions, purge
from content.lifetimes import LONGEST
from content.models import CountedDay, Cutoff, DeletionOrder, Gate, ObjectCount, Receipt
from content.models.orders import KEPT as ORDERS_KEPT
from content.scope import Kind
from enigm_command import retention
from enigm_command.lib import clock, vault
from enigm_command.register import REGISTER
from lifecycle.models import ServerDeletion, Suspension
from membership.models import JoinRequest
from servers.models import Acceptance, Administrator, PolicyVersion, Server, Standing
from servers.models.books import YEARS_KEPT
from servers.models.invoice import Invoice
from servers.models.payment import EVENTS_KEPT, PaymentEvent, Refund
from servers.models.procurement import Procurement
from servers.models.purchase import FRUITLESS_KEPT, Purchase
from servers.models.server import KEPT_AFTER_DELETION
from servers.models.subscription import Subscription
from tests.browser import Browser
from tests.factories import (
    AccountFactory,
    AdministratorFactory,
    BoughtFactory,
    DeletionOrderFactory,
    InvoiceFactory,
    JoinRequestFactory,
    ProcurementFactory,
    PurchaseFactory,
    ServerDeletionFactory,
    ServerFactory,
    SubscriptionFactory,
    SuspensionFactory,
)
from tests.support import actions_of, excused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R27")]

DAY = timedelta(days=1)


def sweep() -> None:
    call_command("sweep", retention.__name__)


def a_year_ending_long_ago() -> datetime:
    """The last moment of the newest year whose books may go."""
    return datetime(clock.now().year - YEARS_KEPT, 1, 1, tzinfo=UTC) - timedelta(seconds=1)


def rewind(row: models.Model, **times: datetime) -> None:
    with excused():
        type(row)._default_manager.filter(pk=row.pk).update(**times)


def ended(server: Server, ago: timedelta) -> Server:
    """A server that was deleted so long ago, with what a deletion leaves of it."""
    deletion = ServerDeletionFactory(server=server)
    with excused():
        ServerDeletion.objects.filter(pk=deletion.pk).update(finished_at=Now() - ago)
        Server.objects.filter(pk=server.pk).update(standing=Standing.DELETED, name=None)
        vault.destroy_key(server.pk)
    return server


# --- what was bought ------------------------------------------------------------------------------
@pytest.mark.parametrize("state", [Purchase.State.CANCELLED, Purchase.State.EXPIRED])
def test_a_purchase_that_led_to_nothing_is_forgotten_with_its_request(state):
    request = ProcurementFactory()
    Purchase.objects.filter(pk=request.purchase_id).end(state)
    rewind(request.purchase, ended_at=clock.now() - FRUITLESS_KEPT + DAY)
    sweep()
    assert Procurement.objects.get().contact
    rewind(request.purchase, ended_at=clock.now() - FRUITLESS_KEPT)
    sweep()
    assert not Purchase.objects.exists()
    assert not Procurement.objects.exists()


def test_a_purchase_that_is_not_over_stays_however_old_it_is():
    open_one = PurchaseFactory()
    rewind(open_one, made_at=a_year_ending_long_ago())
    retention.forget(run=None)
    assert Purchase.objects.get() == open_one


def test_what_a_provider_told_us_is_forgotten_when_nobody_would_repeat_it():
    purchase = PurchaseFactory()
    PaymentEvent.objects.take_in(purchase, "evt_old")
    PaymentEvent.objects.update(at=Now() - EVENTS_KEPT - DAY)
    PaymentEvent.objects.take_in(purchase, "evt_new")
    sweep()
    assert PaymentEvent.objects.get().event_id == "evt_new"


def test_a_refund_that_is_owed_keeps_its_purchase(rung):
    purchase = PurchaseFactory()
    Purchase.objects.filter(pk=purchase.pk).end(Purchase.State.CANCELLED)
    refund = Refund.objects.create(
        purchase=purchase, reference="in_1", cents=1, currency="EUR", reason=Refund.Reason.TWICE
    )
    rewind(purchase, ended_at=a_year_ending_long_ago())
    sweep()
    assert Refund.objects.get() == refund
    rewind(refund, refunded_at=a_year_ending_long_ago())
    sweep()
    assert not Purchase.objects.exists()


def test_books_go_when_the_law_asks_for_them_no_longer(server):
    paid = SubscriptionFactory(purchase=BoughtFactory(server=server))
    invoice, newer = InvoiceFactory.create_batch(2, subscription=paid)
    long_ago = a_year_ending_long_ago()
    rewind(paid, state=Subscription.State.CLOSED, closed_at=long_ago)
    rewind(paid.purchase, ended_at=long_ago)
    rewind(invoice, issued_at=long_ago)
    rewind(newer, issued_at=long_ago + timedelta(seconds=1))
    sweep()
    assert Invoice.objects.get() == newer, "the year it belongs to is counted whole"
    assert Subscription.objects.get() == paid
    rewind(newer, issued_at=long_ago)
    sweep()
    assert not Subscription.objects.exists()
    assert not Purchase.objects.exists()


def test_who_accepted_responsibility_is_forgotten_long_after_the_account_is_closed():
    stays, left = AccountFactory.create_batch(2)
    for account in (stays, left):
        Acceptance.objects.accept(account, "2026-11")
    rewind(left, is_active=False, closed_at=a_year_ending_long_ago())
    sweep()
    assert Acceptance.objects.get().account == stays


def test_counts_of_days_that_are_over_are_forgotten(server):
    today = partitions.utc_today()
    for day in (today - DAY, today):
        CountedDay.objects.create(expires_on=day, changes=1)
        count = {"server_id": server.pk, "kind": Kind.MESSAGE, "objects_held": 1, "bytes_held": 9}
        count["oldest_at"] = clock.now()
        ObjectCount.objects.replace(day, [count])
    sweep()
    assert ObjectCount.objects.get().expires_on == CountedDay.objects.get().expires_on == today


# --- what kept content in the dark ----------------------------------------------------------------
class TestOrders:
    """Orders and cutoffs go when nothing that they reach can be alive. Receipts and log stay."""

    def finished(self, server, ago):
        order = DeletionOrderFactory(server=server, kind=Kind.MEDIA)
        purge.advance(order.pk)
        with excused():
            times = {"placed_at": Now() - ago, "cutoff_at": Now() - ago}
            DeletionOrder.objects.filter(pk=order.pk).update(**times)
            Cutoff.objects.filter(server_id=server.pk).update(cutoff_at=Now() - ago)
        return order

    def left_of(self, server):
        return [m.objects.filter(server_id=server.pk).count() for m in (DeletionOrder, Cutoff)]

    def test_they_are_forgotten_after_a_month_and_their_receipts_are_not(self, server, ada):
        order = self.finished(server, ORDERS_KEPT - DAY)
        sweep()
        assert self.left_of(server) == [1, 1]
        rewind(order, placed_at=Now() - ORDERS_KEPT, cutoff_at=Now() - ORDERS_KEPT)
        rewind(Cutoff.objects.get(server_id=server.pk), cutoff_at=Now() - ORDERS_KEPT)
        sweep()
        assert self.left_of(server) == [0, 0]
        assert Receipt.objects.filter(pk=order.pk).exists()
        assert actions_of(server) == [Action.DELETION_COMPLETED]

    def test_the_receipt_has_its_page_still(self, server, ada):
        order = self.finished(server, ORDERS_KEPT)
        sweep()
        panel = Browser().sign_in(ada.warrant.account)
        root = f"/servers/{server.pk}/orders/"
        assert b"The receipts of earlier ones stay: 1" in panel.get(root).content
        assert f"{root}{order.pk}/" in panel.get(f"{root}receipts/").content.decode()
        assert b"so it is forgotten" in panel.get(f"{root}{order.pk}/").content
        assert panel.get(f"{root}{order.pk}/receipt.json").json()["order"] == str(order.pk)
        assert panel.get(f"{root}{uuid4()}/").status_code == 404

    def test_while_a_hold_lies_on_the_server_they_stay(self, server):
        self.finished(server, ORDERS_KEPT)
        with excused():
            Gate.objects.filter(pk=server.pk).update(held_since=Now())
        sweep()
        assert self.left_of(server) == [1, 1]

    def test_the_database_lets_none_go_before(self, server):
        """Were a cutoff forgotten too soon, what it keeps in the dark would come to light."""
        self.finished(server, LONGEST - DAY)
        for model in (DeletionOrder, Cutoff):
            with pytest.raises(IntegrityError), transaction.atomic():
                model.objects.filter(server_id=server.pk).delete()

    def test_an_unfinished_one_stays_however_old_it_is(self, server):
        order = DeletionOrderFactory(server=server)
        rewind(order, placed_at=Now() - 2 * ORDERS_KEPT, cutoff_at=Now() - 2 * ORDERS_KEPT)
        sweep()
        assert DeletionOrder.objects.filter(pk=order.pk).exists()


@pytest.mark.parametrize("held", [False, True])
def test_answered_join_requests_go_after_a_month_unless_a_hold_lies_there(server, held):
    asked = JoinRequestFactory(server=server)
    rewind(asked, decision="rejected", decided_at=Now() - 2 * LONGEST, note=None, compare_code=None)
    with excused():
        Gate.objects.filter(pk=server.pk).update(held_since=Now() if held else None)
    sweep()
    assert JoinRequest.objects.filter(pk=asked.pk).exists() is held


# --- what stays of a deleted server ---------------------------------------------------------------
def test_a_deleted_server_is_forgotten_but_for_its_log(server, ada, rung):
    order = DeletionOrderFactory(server=server, kind=Kind.MEDIA)
    purge.advance(order.pk)
    SuspensionFactory(server=server)
    entries = actions_of(server)
    ended(server, KEPT_AFTER_DELETION)
    sweep()
    for model in (Administrator, PolicyVersion, Suspension, ServerDeletion):
        assert not model.objects.filter(server_id=server.pk).exists(), model
    for model in (Gate, Receipt):
        assert not model.objects.filter(server_id=server.pk).exists(), model
    assert not Server.objects.filter(pk=server.pk).exists()
    assert Account.objects.filter(pk=ada.actor).exists(), "people stay"
    assert entries
    assert actions_of(server) == entries, "the log outlives its server"


def test_that_a_server_was_forgotten_stands_in_the_platforms_log(server):
    ended(server, KEPT_AFTER_DELETION)
    sweep()
    last = AuditEvent.objects.of(vault.PLATFORM).newest_first().disclosed()[0]
    assert last.action == Action.SERVER_FORGOTTEN
    assert last.data["server"] == str(server.pk)
    assert last.data["rows"] > 0


def test_a_server_stays_until_its_time_is_over_and_one_that_lives_for_good(server):
    living = ServerFactory()
    ended(server, KEPT_AFTER_DELETION - DAY)
    sweep()
    assert set(Server.objects.all()) == {server, living}
    assert PolicyVersion.objects.count() == 2


def test_the_tombstone_stays_as_long_as_the_books_and_nobody_administers_it(server, ada):
    purchase = BoughtFactory(server=server)
    ended(server, KEPT_AFTER_DELETION)
    sweep()
    assert Server.objects.get() == server
    assert not Administrator.objects.exists()
    sweep()  # again: there is nothing more to do
    forgotten = AuditEvent.objects.filter(filed_as=Action.SERVER_FORGOTTEN)
    told = [e for e in forgotten if e.data["server"] == str(server.pk)]
    assert len(told) == 1
    rewind(purchase, ended_at=a_year_ending_long_ago())
    sweep()
    assert not Server.objects.exists()


def test_what_lies_under_a_hold_is_passed_over(server, rung):
    paid = SubscriptionFactory(purchase=BoughtFactory(server=server))
    invoice = InvoiceFactory(subscription=paid)
    rewind(invoice, issued_at=a_year_ending_long_ago())
    ended(server, KEPT_AFTER_DELETION)
    rewind(Gate.objects.get(pk=server.pk), held_since=clock.now())
    sweep()
    assert Administrator.objects.filter(server=server).exists()
    assert Invoice.objects.exists()
    rewind(Gate.objects.get(pk=server.pk), held_since=None)
    sweep()
    assert not Administrator.objects.filter(server=server).exists()
    assert not Invoice.objects.exists()


def test_another_server_keeps_everything(server, mallory):
    AdministratorFactory(server_id=mallory.server_id)
    DeletionOrderFactory(server=Server.objects.get(pk=mallory.server_id))
    ended(server, KEPT_AFTER_DELETION)
    tables = [record for record in REGISTER if record.of_server and record.table != "audit_node"]

    def counted() -> list[int]:
        return [
            record.model._default_manager.filter(**{record.of_server: mallory.server_id}).count()
            for record in tables
        ]

    before = counted()
    sweep()
    assert counted() == before


def test_policies_and_former_server_ids_of_a_living_server_cannot_be_forgotten(server):
    with pytest.raises(Exception, match="only ever added"), excused():
        PolicyVersion.objects.filter(server=server).delete()


# --- in batches -----------------------------------------------------------------------------------
def test_more_than_a_batch_goes_too(monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    purchase = PurchaseFactory()
    for number in range(5):
        PaymentEvent.objects.take_in(purchase, f"evt_{number}")
    PaymentEvent.objects.update(at=F("at") - EVENTS_KEPT - DAY)
    sweep()
    assert not PaymentEvent.objects.exists()
