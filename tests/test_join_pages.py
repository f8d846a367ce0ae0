"""The page where administrators answer those who ask to join."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import html5lib
import pytest
from django.db.models.functions import Now
from django.urls import reverse

from audit.authority import Authority
from membership.models import JoinRequest, Membership
from servers.models import Server, Standing
from tests.browser import Browser
from tests.factories import AdministratorFactory, JoinRequestFactory, ServerFactory
from tests.support import actions_of, asked_of_database

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.requirement("R12")]


@pytest.fixture
def browser(ada: Authority) -> Browser:
    return Browser().sign_in(ada.warrant.account)


def queue_of(server: Server) -> str:
    return reverse("join-requests", args=[server.pk])


def answered(browser: Browser, route: str, join_request: JoinRequest) -> str:
    """What the next page says after one request was answered."""
    url = reverse(route, args=[join_request.server_id, join_request.pk])
    return said(browser.post(url, follow=True))


def answered_many(browser: Browser, route: str, server: Server, *picked: Any) -> str:
    url = reverse(route, args=[server.pk])
    return said(browser.post(url, {"pick": [getattr(p, "pk", p) for p in picked]}, follow=True))


def said(page: Any) -> str:
    assert page.status_code == 200
    tree = html5lib.parse(page.content.decode(), namespaceHTMLElements=False)
    notes = tree.findall(".//main//*[@role='status']")
    return " ".join(" ".join("".join(note.itertext()).split()) for note in notes)


def shown(page: Any) -> str:
    tree = html5lib.parse(page.content.decode(), namespaceHTMLElements=False)
    return " ".join("".join(tree.find(".//main").itertext()).split())


def test_the_page_shows_what_each_person_typed_and_when(browser, server):
    JoinRequestFactory(server=server, display_name="Lena Hoff", note="Print desk")
    text = shown(browser.get(queue_of(server)))
    assert "Lena Hoff" in text
    assert "Print desk" in text
    assert "just now" in text


def test_the_page_says_how_little_a_typed_name_proves(browser, server):
    text = shown(browser.get(queue_of(server)))
    assert "A name here is what the person typed: check it with them another way." in text


def test_who_typed_no_name_is_still_told_from_others(browser, server):
    join_request = JoinRequestFactory(server=server, display_name="")
    text = shown(browser.get(queue_of(server)))
    assert "(no name)" in text
    assert f"Handle {join_request.short_handle}" in text


@pytest.mark.requirement("R30")
def test_markup_in_a_name_is_shown_as_typed(browser, server):
    JoinRequestFactory(server=server, display_name="<b>Lena</b>")
    assert "<b>Lena</b>" in shown(browser.get(queue_of(server)))


def test_an_empty_queue_says_what_will_stand_there(browser, server):
    assert "Nobody is waiting" in shown(browser.get(queue_of(server)))


def test_only_those_who_wait_here_are_shown(browser, server, ada):
    JoinRequestFactory(server=ServerFactory(), display_name="Elsewhere")
    long_ago = JoinRequestFactory(server=server, display_name="Long ago")
    JoinRequest.objects.filter(pk=long_ago.pk).update(asked_at=Now() - timedelta(days=15))
    assert "Nobody is waiting" in shown(browser.get(queue_of(server)))


def test_approving_says_who_is_now_a_member(browser, server):
    join_request = JoinRequestFactory(server=server, display_name="Lena Hoff")
    said = answered(browser, "approval", join_request)
    assert said == "Lena Hoff is now a user of this server."
    assert Membership.objects.of(server).exists()


def test_rejecting_says_whose_request_is_rejected(browser, server):
    join_request = JoinRequestFactory(server=server, display_name="Lena Hoff")
    assert answered(browser, "rejection", join_request) == "The request of Lena Hoff is rejected."
    assert not Membership.objects.of(server).exists()


@pytest.mark.parametrize("route", ["approval", "rejection"])
def test_whoever_answers_second_is_told_so(browser, server, route):
    join_request = JoinRequestFactory(server=server)
    answered(browser, "rejection", join_request)
    assert answered(browser, route, join_request).startswith("Another administrator answered first")
    assert actions_of(server) == ["join_request.rejected"]


def test_many_are_approved_one_by_one(browser, server):
    picked = JoinRequestFactory.create_batch(3, server=server)
    assert answered_many(browser, "approvals", server, *picked) == "3 requests approved."
    assert Membership.objects.of(server).count() == 3
    assert actions_of(server) == ["join_request.approved"] * 3


def test_many_are_rejected_one_by_one(browser, server):
    picked = JoinRequestFactory.create_batch(2, server=server)
    assert answered_many(browser, "rejections", server, *picked) == "2 requests rejected."
    assert actions_of(server) == ["join_request.rejected"] * 2


def test_of_many_those_answered_before_are_counted_apart(browser, server):
    late, *in_time = JoinRequestFactory.create_batch(3, server=server)
    answered(browser, "rejection", late)
    told = answered_many(browser, "approvals", server, late, *in_time)
    assert told == "2 requests approved. 1 request had an answer or had ended."


@pytest.mark.parametrize("picked", [(), ("nonsense",), (uuid4(),)])
def test_picking_nobody_answers_nobody(browser, server, picked):
    told = answered_many(browser, "approvals", server, *picked)
    assert told == "Select at least one request first."


@pytest.mark.requirement("R5")
def test_requests_of_another_server_cannot_be_picked(browser, server):
    theirs = JoinRequestFactory(server=ServerFactory())
    answered_many(browser, "approvals", server, theirs)
    assert JoinRequest.objects.waiting().get() == theirs


@pytest.mark.requirement("R5")
@pytest.mark.parametrize("route", ["approval", "rejection"])
def test_a_request_of_another_server_is_not_there(browser, server, route):
    theirs = JoinRequestFactory(server=ServerFactory())
    for pk in (theirs.pk, uuid4()):
        assert browser.post(reverse(route, args=[server.pk, pk])).status_code == 404


@pytest.mark.requirement("R5")
def test_to_an_administrator_of_another_server_the_queue_is_not_there(server, mallory):
    browser = Browser().sign_in(mallory.warrant.account)
    assert browser.get(queue_of(server)).status_code == 404
    assert browser.post(reverse("approvals", args=[server.pk])).status_code == 404


@pytest.mark.requirement("R24")
def test_while_the_server_is_suspended_nobody_is_admitted(ada):
    server = ServerFactory(standing=Standing.SUSPENDED)
    AdministratorFactory(server=server, account=ada.warrant.account)
    browser, join_request = (
        Browser().sign_in(ada.warrant.account),
        JoinRequestFactory(server=server),
    )
    assert "Nobody can join now." in shown(browser.get(queue_of(server)))
    assert answered(browser, "approval", join_request).startswith("Nobody can join")
    assert answered_many(browser, "approvals", server, join_request).startswith("Nobody can join")
    assert not Membership.objects.exists()


def test_reading_the_queue_answers_nobody(browser, server):
    join_request = JoinRequestFactory(server=server)
    for route in ("approval", "rejection"):
        url = reverse(route, args=[server.pk, join_request.pk])
        assert browser.get(url).status_code == 405


def names_on(page: Any) -> list[str]:
    tree = html5lib.parse(page.content.decode(), namespaceHTMLElements=False)
    return [label.text for label in tree.findall(".//th/label")]


def test_the_oldest_come_first_and_every_page_continues_the_one_before(browser, server):
    for number in range(53):
        JoinRequestFactory(server=server, display_name=f"Person {number}")
    first = browser.get(queue_of(server))
    assert names_on(first) == [f"Person {number}" for number in range(50)]
    tree = html5lib.parse(first.content.decode(), namespaceHTMLElements=False)
    onward = tree.find(".//nav[@aria-label='Pages']//a").get("href")
    assert names_on(browser.get(onward)) == ["Person 50", "Person 51", "Person 52"]


@pytest.mark.parametrize("after", ["nonsense", "2026-11-22", "'; DROP TABLE", "9999999"])
def test_a_page_that_never_was_is_the_first(browser, server, after):
    JoinRequestFactory(server=server, display_name="Lena Hoff")
    assert names_on(browser.get(queue_of(server), {"after": after})) == ["Lena Hoff"]


def test_a_long_queue_takes_no_more_queries_than_a_short_one(browser, server):
    counts = []
    for more in (1, 30):
        JoinRequestFactory.create_batch(more, server=server)
        with asked_of_database() as queries:
            browser.get(queue_of(server))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8
