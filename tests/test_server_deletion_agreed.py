"""Two people end what one must not, and what is left of a server that has ended."""

import hashlib

import pytest
from django.urls import reverse

from accounts.proposals import NotOpen
from audit import checkpoint
from audit.authority import OutsideAuthority
from audit.recording import Closed
from content.models import DeletionOrder
from lifecycle import tasks
from lifecycle.actions import (
    agree_to_server_deletion,
    call_off_server_deletion,
    delete_server,
    order_agreed_server_deletion,
    order_server_deletion,
    propose_server_deletion,
)
from lifecycle.models import (
    Grounds,
    NothingToLift,
    NotInThisStanding,
    Reason,
    ServerDeletion,
    ServerReceipt,
    Ungrounded,
)
from servers.actions import rename_server
from servers.models import Standing
from tests.browser import Browser
from tests.codes import fresh_code
from tests.factories import (
    MembershipFactory,
    OperatorFactory,
    PolicyVersionFactory,
)
from tests.objects import member_of, store
from tests.support import actions_of, events_of
from tests.test_server_deletion import again, carry_through

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R24")]


def url(server, route="server-deletion"):
    return reverse(route, args=[server.pk])


# --- two people -----------------------------------------------------------------------------------
GROUNDS = Grounds(Reason.COURT_ORDER, "case 118")


@pytest.fixture
def operators():
    return [OperatorFactory().authority for _ in range(2)]


def test_a_second_administrator_has_it_destroyed_at_once(server, oren, ada):
    deletion = order_server_deletion(server, at_once=True, by=oren)
    agree_to_server_deletion(deletion, by=ada)
    tasks.delete_server(str(deletion.pk))
    assert again(server).standing == Standing.DELETED
    assert actions_of(server)[:2] == ["server.deletion_ordered", "server.deletion_agreed"]


def test_nobody_agrees_with_themselves_or_to_what_nobody_asked(server, oren, ada):
    deletion = order_server_deletion(server, at_once=True, by=oren)
    with pytest.raises(NotOpen):
        agree_to_server_deletion(deletion, by=oren)
    call_off_server_deletion(server, by=oren)
    deletion = order_server_deletion(server, by=oren)
    with pytest.raises(NotOpen):
        agree_to_server_deletion(deletion, by=ada)
    assert not ServerDeletion.objects.get(pk=deletion.pk).is_due


def test_where_the_policy_needs_two_nothing_is_destroyed_before_the_second_agrees(
    server, oren, ada
):
    PolicyVersionFactory(server=server, deletion_needs_two=True)
    deletion = order_server_deletion(server, by=oren)
    carry_through(deletion)
    assert again(server).standing == Standing.DELETING
    assert not DeletionOrder.objects.of(server.pk).exists()

    agree_to_server_deletion(deletion, by=ada)
    tasks.delete_server(str(deletion.pk))
    assert again(server).standing == Standing.DELETED


@pytest.mark.requirement("R26")
def test_a_single_operator_only_proposes(server, operators):
    propose_server_deletion(server, GROUNDS, by=operators[0])
    assert again(server).standing == Standing.ACTIVE
    (event,) = events_of(server)
    assert event.action == "server.deletion_proposed"
    assert (event.data["reason"], event.private["reference"]) == ("court_order", "case 118")
    with pytest.raises(Ungrounded):
        order_server_deletion(server, by=operators[0])


@pytest.mark.requirement("R26")
def test_a_second_operator_orders_exactly_what_was_proposed(server, oren, operators):
    first, second = operators
    proposal = propose_server_deletion(server, GROUNDS, by=first)
    other = Grounds(Reason.HARM, "case 118")
    for grounds, by in ((GROUNDS, first), (other, second)):
        with pytest.raises(NotOpen):
            order_agreed_server_deletion(server, proposal.pk, grounds, by=by)

    deletion = order_agreed_server_deletion(server, proposal.pk, GROUNDS, by=second)
    assert again(server).standing == Standing.DELETING
    assert (deletion.party, deletion.code) == ("platform", "court_order")
    with pytest.raises(NothingToLift):
        call_off_server_deletion(server, by=oren)
    with pytest.raises(NotInThisStanding):
        order_agreed_server_deletion(server, proposal.pk, GROUNDS, by=second)
    call_off_server_deletion(server, by=first)
    assert again(server).standing == Standing.ACTIVE


# --- what is left ---------------------------------------------------------------------------------
@pytest.mark.requirement("R25")
def test_the_log_is_closed_signed_and_takes_nothing_more(server, oren):
    deletion = carry_through(order_server_deletion(server, by=oren))
    assert deletion.log_closed_at
    signed = checkpoint.last_signed(server.pk)
    assert signed.size == len(events_of(server))
    with pytest.raises(Closed):
        rename_server(server, "Quay", by=oren)
    with pytest.raises(OutsideAuthority):
        delete_server(deletion, by=oren)
    assert len(events_of(server)) == signed.size


@pytest.mark.requirement("R25")
def test_the_receipt_says_what_went_and_until_when_backups_hold_it(server, oren):
    MembershipFactory.create_batch(2, server=server)
    store(member_of(server))
    deletion = carry_through(order_server_deletion(server, by=oren))

    receipt = ServerReceipt.objects.get(pk=deletion.pk)
    assert events_of(server)[-1].data["receipt"] == receipt.digest
    assert receipt.said["content"]["objects"] == 1
    assert receipt.said["closed"]["members"] == 3
    assert receipt.said["backups"]["until"] > receipt.said["times"]["destroyed"]


def test_former_administrators_keep_log_and_receipt(server, oren, mallory):
    deletion = carry_through(order_server_deletion(server, by=oren))
    browser = Browser().sign_in(oren.warrant.account)
    assert "Receipt" in browser.get(url(server, "log")).content.decode()
    text = browser.get(url(server, "server-receipt")).content.decode()
    digest = ServerReceipt.objects.get(pk=deletion.pk).digest
    assert digest in text
    document = browser.get(url(server, "server-receipt-document")).content
    assert hashlib.sha256(document).hexdigest() == digest
    stranger = Browser().sign_in(mallory.warrant.account)
    assert stranger.get(url(server, "server-receipt")).status_code == 404


def test_agreeing_on_the_page(server, oren, ada):
    order_server_deletion(server, at_once=True, by=oren)
    browser = Browser().sign_in(ada.warrant.account)
    assert "Agree as second administrator" in browser.get(url(server)).content.decode()
    shown = browser.get(url(server, "server-deletion-agreement"))
    typed = {"name": "Atelier North", "code": fresh_code(ada.warrant.account)}
    browser.press(shown, "Agree to delete this server", **typed)
    assert ServerDeletion.objects.get(server=server).is_due
