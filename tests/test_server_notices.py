"""What happens to a server is told to everyone who administers it, and to nobody else."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db.models.functions import Now

from accounts.mail import Mail
from accounts.models import Account, Notice
from accounts.notices import Kind
from audit.authority import SCHEDULE, OutsideAuthority
from content import purge
from content.actions import order_deletion, remove_member
from content.removal import Removal, Sent
from content.scope import EVERYTHING
from enigm_command.lib.wording import utc
from lifecycle.actions import (
    announce_retirement,
    call_off_retirement,
    call_off_server_deletion,
    lift_restriction,
    order_server_deletion,
    restrict_server,
    resume_server,
    retire_server,
    suspend_server,
)
from lifecycle.models import Grounds, NothingToLift, Reason, ServerDeletion
from lifecycle.tasks import delete_server
from membership.actions import approve_join_request
from membership.models import JoinRequest
from servers.models.subscription import UNTIL_CLOSED, UNTIL_GRACE, UNTIL_LAPSED, Subscription
from servers.purchase import payments, reminders
from servers.purchase.actions import settle_invoice
from tests.factories import (
    AdministratorFactory,
    BoughtFactory,
    InvoiceFactory,
    JoinRequestFactory,
    PurchaseFactory,
    ServerFactory,
    SubscriptionFactory,
)
from tests.objects import store
from tests.payments import payment_for
from tests.support import excused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R27")]

DAY = timedelta(days=1)


def told(account):
    return list(Notice.objects.of(account).values_list("kind", flat=True))


def told_on(server):
    """What was told to each of those who administer it: the same to all."""
    accounts = Account.objects.filter(administrations__server=server)
    each = [told(account) for account in accounts]
    assert all(one == each[0] for one in each)
    return each[0]


def lines(account):
    return [notice.line for notice in Notice.objects.of(account)]


# --- people who ask to join -----------------------------------------------------------------------
def test_an_hours_requests_are_told_together_once_and_without_a_name(server, ada, mallory):
    JoinRequestFactory.create_batch(2, server=server)
    call_command("sweep", "membership.queue_notices")
    call_command("sweep", "membership.queue_notices")
    assert told_on(server) == [Kind.JOIN_REQUESTS_WAITING]
    assert lines(server.owner)[0].startswith("2 people asked to join a server.")
    assert "Lena" not in lines(server.owner)[0]
    assert told(mallory.warrant.account) == []


def test_who_asks_later_is_told_of_alone_and_not_within_the_hour(server):
    JoinRequestFactory.create_batch(2, server=server)
    call_command("sweep", "membership.queue_notices")
    JoinRequestFactory(server=server)
    call_command("sweep", "membership.queue_notices")
    assert told_on(server) == [Kind.JOIN_REQUESTS_WAITING]

    Notice.objects.update(at=Now() - timedelta(hours=1))
    call_command("sweep", "membership.queue_notices")
    assert lines(server.owner)[0].startswith("1 person asked to join a server.")


def test_asking_and_taking_it_back_tells_no_more_often(server):
    for _ in range(3):
        asked = JoinRequestFactory(server=server)
        call_command("sweep", "membership.queue_notices")
        asked.delete()
    assert told_on(server) == [Kind.JOIN_REQUESTS_WAITING]


def test_who_was_answered_within_the_hour_is_not_told_of(server, ada):
    approve_join_request(JoinRequestFactory(server=server), by=ada)
    call_command("sweep", "membership.queue_notices")
    assert told_on(server) == []


def test_each_servers_administrators_are_told_of_their_own_queue(server):
    other = ServerFactory()
    JoinRequestFactory(server=server)
    JoinRequestFactory.create_batch(3, server=other)
    call_command("sweep", "membership.queue_notices")
    assert lines(server.owner)[0].startswith("1 person")
    assert lines(other.owner)[0].startswith("3 people")
    assert not JoinRequest.objects.untold().exists()


# --- content --------------------------------------------------------------------------------------
def test_a_deletion_is_told_at_once_with_what_to_do_if_it_was_nobody_you_know(server, ada, rung):
    order = order_deletion(server, EVERYTHING, order_id=uuid4(), by=ada)
    assert told_on(server) == [Kind.DELETION_ORDERED]
    line = lines(server.owner)[0]
    assert f"D-{order.number} covers became unavailable at once" in line
    assert "sign out everywhere and remove whoever ordered it" in line
    assert "Suspending the server does not bring content back." in line


def test_the_same_deletion_again_is_told_once(server, ada, rung):
    for _ in range(2):
        order_deletion(server, EVERYTHING, order_id=(key := uuid4()), by=ada)
        order_deletion(server, EVERYTHING, order_id=key, by=ada)
    assert told_on(server) == [Kind.DELETION_ORDERED] * 2


def test_a_refused_deletion_is_told_to_nobody(server, mallory, rung):
    with pytest.raises(OutsideAuthority):
        order_deletion(server, EVERYTHING, order_id=uuid4(), by=mallory)
    assert told_on(server) == []


def test_a_finished_deletion_is_told_with_where_its_receipt_is(server, ada, uma, rung):
    store(uma)
    order = order_deletion(server, EVERYTHING, order_id=uuid4(), by=ada)
    purge.advance(order.pk)
    assert told_on(server) == [Kind.DELETION_COMPLETED, Kind.DELETION_ORDERED]
    assert "Its receipt says what went" in lines(server.owner)[0]


def test_a_removal_is_told_when_it_takes_content_along(server, ada, uma, rung):
    remove_member(uma.membership, Removal(sent=Sent.DELETE), by=ada)
    assert told_on(server) == [Kind.DELETION_ORDERED]


def test_a_removal_that_keeps_content_is_not_told(server, ada, uma, rung):
    remove_member(uma.membership, by=ada)
    assert told_on(server) == []


def test_what_the_schedule_deletes_for_a_server_that_ends_is_not_told_by_itself(server, rung):
    order_deletion(server, EVERYTHING, order_id=uuid4(), by=SCHEDULE)
    assert told_on(server) == []


@pytest.mark.requirement("R15")
def test_a_mail_about_content_says_neither_how_much_nor_whose(server, ada, uma, rung):
    account = server.owner
    account.email = "oren@example.org"
    account.save(update_fields=["email"])
    for _ in range(3):
        store(uma)
    remove_member(uma.membership, Removal(sent=Sent.DELETE), by=ada)
    mail = Mail.objects.get().message()
    text = f"{mail.subject} {mail.body} {mail.alternatives[0].content}"
    for unsaid in (uma.membership.shown_name, server.name, "ada", " 3 ", "object"):
        assert unsaid not in text


# --- what holds a server back, and what ends it ---------------------------------------------------
CASE = Grounds(Reason.HARM, "case 7")


def test_a_suspension_and_its_end_are_told_to_every_administrator(server, ada, mallory):
    suspend_server(server, by=ada)
    resume_server(server, by=ada)
    assert told_on(server) == [Kind.SERVER_GOES_ON, Kind.SERVER_SUSPENDED]
    assert told(mallory.warrant.account) == []


@pytest.mark.requirement("R26")
def test_what_operators_do_is_told_too(server, opal):
    restrict_server(server, CASE, by=opal)
    lift_restriction(server, by=opal)
    suspend_server(server, grounds=CASE, by=opal)
    assert told_on(server) == [
        Kind.SERVER_SUSPENDED,
        Kind.SERVER_GOES_ON,
        Kind.SERVER_RESTRICTED,
    ]


def test_what_did_not_happen_is_not_told(server, ada):
    with pytest.raises(NothingToLift):
        resume_server(server, by=ada)
    assert told_on(server) == []


def test_a_retirement_is_told_with_its_day_and_so_is_that_it_was_called_off(server, oren):
    retirement = retire_server(server, by=oren)
    assert f"on {utc(retirement.dry_at, 'date')} the server deletes" in lines(server.owner)[0]
    call_off_retirement(server, by=oren)
    assert told_on(server) == [Kind.SERVER_GOES_ON, Kind.SERVER_RETIRED]


def test_a_retirement_that_is_announced_is_told_with_the_day_on_which_it_begins(server):
    retirement = announce_retirement(server, by=SCHEDULE)
    assert f"From {utc(retirement.begins_at, 'date')} on" in lines(server.owner)[0]


def test_a_servers_deletion_is_told_with_its_day_and_what_to_do_if_it_was_nobody_you_know(
    server, oren, ada, rung
):
    deletion = order_server_deletion(server, by=oren)
    assert told_on(server) == [Kind.SERVER_DELETION_ORDERED]
    line = lines(ada.warrant.account)[0]
    assert f"destroyed on {utc(deletion.due_at)} at the earliest" in line
    assert "sign out everywhere and remove that administrator" in line
    call_off_server_deletion(server, by=oren)
    assert told_on(server)[0] == Kind.SERVER_GOES_ON


def test_the_end_of_a_server_is_told_once_and_says_how_long_its_log_can_be_read(
    server, oren, ada, uma, rung
):
    store(uma)
    deletion = order_server_deletion(server, by=oren)
    with excused():
        ServerDeletion.objects.filter(pk=deletion.pk).update(due_at=Now() - DAY)
    for _ in range(3):
        delete_server(str(deletion.pk))
    assert told_on(server) == [Kind.SERVER_DELETED, Kind.SERVER_DELETION_ORDERED]
    assert "its receipt for 400 days" in lines(ada.warrant.account)[0]


# --- payments -------------------------------------------------------------------------------------
@pytest.fixture
def paid(server):
    return SubscriptionFactory(purchase=BoughtFactory(server=server))


def test_a_payment_that_arrives_is_told_to_whoever_pays_once(server, ada, paid, rung):
    payment = payment_for(paid.purchase)
    payments.receive(paid.purchase_id, payment)
    payments.receive(paid.purchase_id, payment)
    assert told(server.owner) == [Kind.PAYMENT_RECEIVED]
    assert told(ada.warrant.account) == [], "paying is the owner's"


def test_a_first_payment_is_told_to_the_buyer(rung):
    purchase = PurchaseFactory()
    payments.receive(purchase.pk, payment_for(purchase))
    assert told(purchase.buyer) == [Kind.PAYMENT_RECEIVED]


def test_money_that_buys_nothing_is_not_told_as_a_payment(rung):
    purchase = PurchaseFactory()
    payments.receive(purchase.pk, payment_for(purchase, cents=1))
    assert told(purchase.buyer) == []


def test_a_payment_after_a_hand_over_is_told_to_the_new_owner(server, paid, rung):
    heir = AdministratorFactory(server=server).account
    with excused():
        type(server).objects.filter(pk=server.pk).update(owner=heir)
    payments.receive(paid.purchase_id, payment_for(paid.purchase))
    assert (told(heir), told(server.owner)) == ([Kind.PAYMENT_RECEIVED], [])


def test_an_invoice_that_an_operator_settles_is_told(server, paid, opal):
    settle_invoice(InvoiceFactory(subscription=paid), by=opal)
    assert told(server.owner) == [Kind.PAYMENT_RECEIVED]


def test_a_payment_that_fails_is_told_with_what_follows_and_what_does_not(server, paid):
    at = paid.told_at + DAY
    payments.fail(paid.purchase_id, "evt_1", at=at)
    payments.fail(paid.purchase_id, "evt_1", at=at)
    payments.fail(paid.purchase_id, "evt_2", at=at)  # the provider tries again, in vain
    assert told(server.owner) == [Kind.PAYMENT_FAILED]
    line = lines(server.owner)[0]
    assert "Nobody loses access and nothing lives shorter." in line
    closes = paid.period_end + UNTIL_CLOSED
    assert f"no payment arrives by {closes.day} {closes:%b %Y}" in line


def test_a_payment_that_is_late_is_told_at_each_stage_once(server, paid):
    for length in (UNTIL_GRACE, UNTIL_LAPSED):
        Subscription.objects.update(period_end=Now() - length - DAY)
        reminders.age()
        reminders.age()
    assert told(server.owner) == [Kind.PAYMENT_LATE] * 2
