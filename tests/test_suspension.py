"""Holding a server back, and letting go again: by the party that did it."""

import pytest
from django.urls import reverse

from audit.authority import Authority, OutsideAuthority
from audit.vocabulary import Capacity
from lifecycle.actions import resume_server, suspend_server
from lifecycle.models import AlreadyInForce, NothingToLift, Party, Suspension
from servers.models import Server, Standing
from tests.browser import Browser
from tests.factories import SuspensionFactory
from tests.support import actions_of, events_of

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R24")]


def standing_of(server):
    return Server.objects.get(pk=server.pk).standing


def test_suspending_does_it_and_is_recorded(server, ada):
    suspension = suspend_server(server, reason="a lost laptop", by=ada)

    (event,) = events_of(server)
    assert standing_of(server) == Standing.SUSPENDED
    assert (suspension.party, suspension.placed_by_id) == (Party.SERVER, ada.actor)
    assert (event.action, event.actor_name) == ("server.suspended", "ada")
    assert event.private["reason"] == "a lost laptop"


def test_the_reason_is_sealed_and_not_in_the_leaf(server, ada):
    suspension = suspend_server(server, reason="a lost laptop", by=ada)

    (event,) = events_of(server)
    stored = Suspension.objects.values_list("reason", flat=True).get(pk=suspension.pk)
    assert b"laptop" not in bytes(stored)
    assert b"laptop" not in bytes(event.leaf)


def test_suspending_twice_is_refused_and_recorded_once(server, ada, oren):
    suspend_server(server, by=ada)
    with pytest.raises(AlreadyInForce):
        suspend_server(server, by=oren)
    assert actions_of(server) == ["server.suspended"]


def test_any_administrator_resumes_what_another_suspended(server, ada, oren):
    suspend_server(server, by=oren)
    resume_server(server, by=ada)
    assert standing_of(server) == Standing.ACTIVE
    assert actions_of(server) == ["server.suspended", "server.resumed"]


def test_resuming_what_is_not_suspended_leaves_no_trace(server, ada):
    with pytest.raises(NothingToLift):
        resume_server(server, by=ada)
    assert not events_of(server)


@pytest.mark.requirement("R26")
def test_administrators_never_lift_what_the_platform_placed(server, oren):
    SuspensionFactory(server=server, party=Party.PLATFORM)
    with pytest.raises(NothingToLift):
        resume_server(server, by=oren)
    assert Suspension.objects.open().filter(server=server).exists()


def test_a_server_may_be_suspended_again(server, ada):
    for _ in range(2):
        suspend_server(server, by=ada)
        resume_server(server, by=ada)
    assert Suspension.objects.filter(server=server).count() == 2


@pytest.mark.requirement("R5")
def test_mallory_suspends_nothing_and_leaves_no_trace(server, mallory):
    for act in (suspend_server, resume_server):
        with pytest.raises(OutsideAuthority):
            act(server, by=mallory)
    assert standing_of(server) == Standing.ACTIVE
    assert not events_of(server)


def test_a_member_has_no_such_power(server):
    member = Authority(Capacity.MEMBER, server_id=server.pk)
    with pytest.raises(OutsideAuthority):
        suspend_server(server, by=member)
    assert standing_of(server) == Standing.ACTIVE


# --- the pages ------------------------------------------------------------------------------------
@pytest.fixture
def browser(ada):
    return Browser().sign_in(ada.warrant.account)


def test_the_review_says_what_happens_before_anything_does(server, browser):
    text = browser.get(reverse("suspension", args=[server.pk])).content.decode()
    assert "Nobody can read or write here" in text
    assert standing_of(server) == Standing.ACTIVE


def test_confirming_suspends_and_the_settings_offer_to_resume(server, browser):
    url = reverse("suspension", args=[server.pk])
    text = browser.post(url, {"reason": ""}, follow=True).content.decode()
    assert standing_of(server) == Standing.SUSPENDED
    assert "The server is suspended. Nobody can read or write there now." in text
    assert "Resume this server" in text


def test_resuming_from_the_settings(server, browser, ada):
    suspend_server(server, by=ada)
    url = reverse("resumption", args=[server.pk])
    assert "The server is resumed." in browser.post(url, follow=True).content.decode()
    assert "No administrator has suspended" in browser.post(url, follow=True).content.decode()
    assert standing_of(server) == Standing.ACTIVE


def test_every_page_of_a_suspended_server_stays_open_to_its_administrators(server, browser, ada):
    suspend_server(server, by=ada)
    for route in ("settings", "log", "invite", "server-deletion", "server"):
        assert browser.get(reverse(route, args=[server.pk])).status_code == 200
