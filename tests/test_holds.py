"""A hold delays physical destruction: never availability, and never an object past its time."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from audit.authority import OutsideAuthority
from audit.models import AuditEvent
from content import purge
from content.actions import order_deletion
from content.models import DeletionOrder, EncryptedObject, Gate
from content.scope import EVERYTHING
from enigm_command.lib import clock
from enigm_command.lib.vault import PLATFORM
from lifecycle import tasks
from lifecycle.actions import lift_hold, order_server_deletion, place_hold
from lifecycle.models import Hold, NothingToLift, NotInThisStanding, ServerDeletion
from lifecycle.models.hold import Wish
from servers.models import Server, Standing
from tests.browser import Browser
from tests.factories import OperatorFactory
from tests.objects import available, in_storage, store
from tests.support import actions_of, events_of, excused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R25")]


@pytest.fixture
def operator():
    return OperatorFactory().authority


def wish(**changes):
    said = {"category": "legal", "reason": "A claim is heard.", "reference": "case 118"}
    return Wish(**{**said, "until": clock.now() + timedelta(days=60), **changes})


def gate_of(server):
    return Gate.objects.get(pk=server.pk)


def order(server, by):
    return order_deletion(server, EVERYTHING, order_id=uuid4(), by=by)


def platform_actions():
    return [event.action for event in AuditEvent.objects.of(PLATFORM).order_by("seq")]


def test_what_is_ordered_afterwards_is_dark_at_once_and_erased_when_it_is_lifted(
    server, uma, ada, operator
):
    store(uma)
    hold = place_hold(server, wish(), by=operator)
    placed = order(server, ada)
    purge.advance(placed.pk)
    assert (available(uma), in_storage(server)) == (set(), 1)

    lift_hold(hold, by=operator)
    purge.advance(placed.pk)
    assert in_storage(server) == 0
    assert DeletionOrder.objects.get(pk=placed.pk).is_finished


def test_what_was_ordered_before_is_erased_all_the_same(server, uma, ada, operator):
    store(uma)
    placed = order(server, ada)
    place_hold(server, wish(), by=operator)
    purge.advance(placed.pk)
    assert in_storage(server) == 0


def test_no_object_lives_longer_for_it(server, uma, operator):
    stored = store(uma)
    place_hold(server, wish(), by=operator)
    again = EncryptedObject.objects.get(pk=stored.pk)
    assert again.expires_at == stored.expires_at


def test_it_stands_in_the_log_with_its_category_and_the_words_sealed(server, operator):
    hold = place_hold(server, wish(), by=operator)
    (event,) = events_of(server)
    assert (event.action, event.data["category"]) == ("hold.placed", "legal")
    assert event.private["reason"] == "A claim is heard."
    assert b"claim" not in bytes(event.leaf)
    assert gate_of(server).held_until == hold.until


def test_a_confidential_one_enters_the_servers_log_only_when_it_is_lifted(server, operator):
    hold = place_hold(server, wish(confidential=True), by=operator)
    assert not events_of(server)
    assert platform_actions()[-1] == "hold.placed"
    assert gate_of(server).held_since
    assert gate_of(server).held_until is None

    lift_hold(hold, by=operator)
    assert actions_of(server) == ["hold.lifted"]
    assert events_of(server)[0].data["confidential"] is True


def test_the_oldest_open_one_counts(server, operator):
    first, second = (place_hold(server, wish(), by=operator) for _ in range(2))
    assert gate_of(server).held_since == first.placed_at
    lift_hold(first, by=operator)
    assert gate_of(server).held_since == second.placed_at
    lift_hold(second, by=operator)
    assert gate_of(server).held_since is None


def test_lifting_twice_is_one_lifting(server, operator):
    hold = place_hold(server, wish(), by=operator)
    lift_hold(hold, by=operator)
    with pytest.raises(NothingToLift):
        lift_hold(hold, by=operator)
    assert actions_of(server) == ["hold.placed", "hold.lifted"]


def test_it_ends_by_itself_on_its_day(server, operator):
    hold = place_hold(server, wish(), by=operator)
    tasks.holds()
    assert gate_of(server).held_since
    with excused():
        ago = clock.now() - timedelta(days=90)
        Hold.objects.filter(pk=hold.pk).update(placed_at=ago, until=ago + timedelta(days=80))
    tasks.holds()
    assert gate_of(server).held_since is None
    assert actions_of(server) == ["hold.placed", "hold.lifted"]


def test_once_the_deletion_is_ordered_none_can_be_placed(server, oren, operator):
    order_server_deletion(server, by=oren)
    with pytest.raises(NotInThisStanding):
        place_hold(server, wish(), by=operator)
    assert not Hold.objects.exists()


def test_one_from_before_delays_the_destruction_of_the_server(server, uma, oren, operator):
    store(uma)
    hold = place_hold(server, wish(), by=operator)
    deletion = order_server_deletion(server, by=oren)
    with excused():
        ServerDeletion.objects.filter(pk=deletion.pk).update(due_at=clock.now())
    tasks.delete_server(str(deletion.pk))
    assert Server.objects.get(pk=server.pk).standing == Standing.DELETING
    assert in_storage(server) == 1

    lift_hold(hold, by=operator)
    tasks.delete_server(str(deletion.pk))
    assert Server.objects.get(pk=server.pk).standing == Standing.DELETED


def test_only_operators_hold(server, oren, mallory):
    for by in (oren, mallory):
        with pytest.raises(OutsideAuthority):
            place_hold(server, wish(), by=by)
    assert not Hold.objects.exists()


@pytest.mark.parametrize(
    ("confidential", "said"),
    [(False, "physical erasure waits until"), (True, "erasure is pending")],
)
def test_a_waiting_order_says_so(server, uma, ada, operator, confidential, said):
    store(uma)
    place_hold(server, wish(confidential=confidential), by=operator)
    placed = order(server, ada)
    page = Browser().sign_in(ada.warrant.account).get(reverse("order", args=[server.pk, placed.pk]))
    assert "Unavailable; physical" in page.content.decode()
    assert said in page.content.decode()
