"""How much a server may hold: an operator's act, told to those who administer it."""

import pytest
from django.urls import reverse

from content.actions import set_room
from content.models import Gate, ObjectCount
from content.partitions import utc_today
from content.room import LessThanHeld, Room
from enigm_command.lib import clock
from servers.models import Server
from tests.browser import Browser
from tests.factories import ServerFactory
from tests.operators import act, browser_of, list_of, operator
from tests.support import actions_of, events_of

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R16", "R26")]
GB = 10**9


@pytest.fixture
def opal():
    return operator("opal")


def holding(server, octets):
    """As if so much had been counted there."""
    ObjectCount.objects.create(
        server_id=server.pk,
        kind="media",
        expires_on=utc_today(),
        objects_held=1,
        bytes_held=octets,
        oldest_at=clock.now(),
    )


def room_of(server):
    return Gate.objects.get(pk=server.pk).room_bytes


def test_the_act_stands_in_the_log_with_its_case(server, opal):
    set_room(server, 50 * GB, reference="case 118", by=opal.authority)
    assert room_of(server) == 50 * GB
    (event,) = events_of(server)
    assert (event.action, event.data["room"]) == ("server.room_set", "50.0 GB")
    assert event.private == {"actor": "opal", "reference": "case 118"}


def test_without_a_number_there_is_no_limit(server, opal):
    set_room(server, 50 * GB, reference="case 118", by=opal.authority)
    set_room(server, None, reference="case 119", by=opal.authority)
    assert room_of(server) is None
    assert events_of(server)[-1].data["room"] == "no limit"


def test_a_room_smaller_than_what_is_held_is_refused(server, opal):
    """It would be a restriction without grounds."""
    holding(server, 12 * GB)
    with pytest.raises(LessThanHeld):
        set_room(server, 11 * GB, reference="case 118", by=opal.authority)
    assert (room_of(server), actions_of(server)) == (None, [])


@pytest.mark.parametrize("typed", ["0", "-5", "12.5", "much"])
def test_only_a_whole_number_of_gigabytes_is_taken(typed, opal):
    server = ServerFactory()
    answer = browser_of(opal).post(
        list_of(Server),
        {
            "action": "set_room",
            "answered": "yes",
            "_selected_action": [str(server.pk)],
            "gigabytes": typed,
            "reference": "case 118",
        },
    )
    assert "There is a problem" in answer.content.decode()
    assert (room_of(server), actions_of(server)) == (None, [])


def test_an_operator_is_told_what_the_server_holds_and_may_hold(opal):
    server = ServerFactory()
    holding(server, 12 * GB)
    browser = browser_of(opal)
    said = act(browser, "set_room", server, gigabytes=50, reference="case 118")
    assert "it holds 12.0 GB of 50.0 GB" in said
    said = act(browser, "set_room", server, gigabytes=11, reference="case 118")
    assert "it holds more than that" in said
    shown = browser.get(reverse("ops:servers_server_change", args=[server.pk]))
    assert "12.0 GB of 50.0 GB" in shown.content.decode()


@pytest.mark.parametrize("route", ["server", "content"])
def test_administrators_see_how_full_it_is(route, server, ada, opal):
    page = reverse(route, args=[server.pk])
    browser = Browser().sign_in(ada.warrant.account)
    assert "Storage room" not in browser.get(page).content.decode()
    holding(server, 12 * GB)
    set_room(server, 50 * GB, reference="case 118", by=opal.authority)
    assert "12.0 GB of 50.0 GB" in browser.get(page).content.decode()


@pytest.mark.parametrize("route", ["server", "content"])
def test_administrators_are_warned_when_it_is_full(route, server, ada, opal):
    set_room(server, 50 * GB, reference="case 118", by=opal.authority)
    holding(server, 50 * GB)
    page = Browser().sign_in(ada.warrant.account).get(reverse(route, args=[server.pk]))
    assert "The storage room is full" in page.content.decode()


def test_a_server_without_a_gate_holds_nothing():
    deleted = Server(pk=ServerFactory().pk)
    Gate.objects.filter(pk=deleted.pk)._raw_delete("default")
    assert Room.of(deleted.pk) == Room(0, None)
