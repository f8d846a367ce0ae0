"""What helps an administrator to decide: the code, earlier requests, names, reasons, what was."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from audit.authority import Authority
from audit.sentences import sentence
from enigm_command.lib import clock
from membership import compare
from membership.actions import approve_join_request, reject_join_request
from membership.models import JoinRequest
from servers.models import Server
from tests.browser import Browser
from tests.factories import JoinRequestFactory, ServerFactory
from tests.support import asked_of_database, events_of, excused
from tests.test_join_pages import queue_of, shown

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R12")]

GROUNDS = JoinRequest.Grounds


@pytest.fixture
def browser(ada: Authority) -> Browser:
    return Browser().sign_in(ada.warrant.account)


def decided(browser: Browser, server: Server, **query: Any) -> Any:
    return browser.get(reverse("join-requests-decided", args=[server.pk]), query)


# --- who it is ------------------------------------------------------------------------------------
def test_the_page_shows_the_code_that_the_app_shows(browser, server):
    asked = JoinRequestFactory(server=server, subject="uma")
    text = shown(browser.get(queue_of(server)))
    assert compare.code("key of uma", server.locator) == asked.compare_code
    assert asked.compare_code in text
    assert "does not establish Device Trust" in text


def test_it_says_how_often_somebody_has_asked_before(browser, server, ada):
    for _ in range(2):
        reject_join_request(JoinRequestFactory(server=server, subject="uma"), by=ada)
    JoinRequestFactory(server=server, subject="uma")
    assert "and 2 times before" in shown(browser.get(queue_of(server)))


def test_what_they_asked_elsewhere_is_not_counted(browser, server, mallory):
    theirs = JoinRequestFactory(server=mallory.warrant.server, subject="uma")
    reject_join_request(theirs, by=mallory)
    JoinRequestFactory(server=server, subject="uma")
    assert "before" not in shown(browser.get(queue_of(server)))


# --- finding somebody -----------------------------------------------------------------------------
def test_those_who_wait_are_found_by_whole_words(browser, server):
    for name in ("Lena Hoff", "Lena Okafor", "Max"):
        JoinRequestFactory(server=server, display_name=name)
    found = browser.post(queue_of(server), {"name": "LENA okafor"}, follow=True)
    assert [row.shown_name for row, _ in found.context["rows"]] == ["Lena Okafor"]
    nobody = browser.post(queue_of(server), {"name": "Len"}, follow=True)
    assert "Nobody with these words in their name is waiting" in shown(nobody)


def test_words_that_are_looked_for_go_along_from_page_to_page(browser, server):
    JoinRequestFactory.create_batch(51, server=server, display_name="Lena Hoff")
    JoinRequestFactory(server=server, display_name="Max")
    first = browser.post(queue_of(server), {"name": "lena"}, follow=True)
    query = f"?{first.context['search'].query}after={first.context['page'].after}"
    rest = browser.get(queue_of(server) + query.replace("+", "%2B"))
    assert len(rest.context["rows"]) == 1


# --- answers --------------------------------------------------------------------------------------
def test_a_rejection_says_why_in_the_log(browser, server):
    picked = JoinRequestFactory.create_batch(2, server=server)
    url = reverse("rejections", args=[server.pk])
    browser.post(url, {"pick": [asked.pk for asked in picked], "grounds": "unconfirmed"})
    said = {sentence(entry.action, entry.data) for entry in events_of(server)}
    assert said == {"rejected a join request; grounds: unconfirmed"}


@pytest.mark.parametrize("grounds", ["", "because", "approved"])
def test_what_is_no_reason_is_none(browser, server, grounds):
    asked = JoinRequestFactory(server=server)
    browser.post(reverse("rejections", args=[server.pk]), {"pick": asked.pk, "grounds": grounds})
    asked.refresh_from_db()
    assert asked.grounds == GROUNDS.UNSTATED


def test_those_who_were_answered_stand_there_with_the_latest_first(browser, server, ada):
    first, second = (JoinRequestFactory(server=server, display_name=name) for name in "AB")
    reject_join_request(first, GROUNDS.MISTAKEN, by=ada)
    approve_join_request(second, by=ada)
    page = decided(browser, server)
    assert [row.shown_name for row in page.context["page"].rows] == ["B", "A"]
    assert all(words in shown(page) for words in ("They meant another server", "Approved"))
    assert "Print desk" not in shown(page)


def test_answers_go_on_page_by_page_and_none_comes_twice(browser, server, ada):
    for asked in JoinRequestFactory.create_batch(53, server=server):
        reject_join_request(asked, by=ada)
    first = decided(browser, server).context["page"]
    rest = decided(browser, server, after=first.after).context["page"]
    assert len({row.pk for row in first.rows + rest.rows}) == 53
    assert first.rows[-1].decided_at >= rest.rows[0].decided_at


def test_answers_of_long_ago_or_elsewhere_do_not_stand_there(browser, server, ada, mallory):
    long_ago = JoinRequestFactory(server=server)
    reject_join_request(long_ago, by=ada)
    JoinRequest.objects.filter(pk=long_ago.pk).update(decided_at=clock.now() - timedelta(days=31))
    reject_join_request(JoinRequestFactory(server=mallory.warrant.server), by=mallory)
    assert "No request was answered" in shown(decided(browser, server))


# --- ten thousand ---------------------------------------------------------------------------------
def crowd(server: Server, size: int) -> None:
    """So many people ask, each in their own microsecond; only the last one types anything."""
    begun = clock.now() - timedelta(days=1)
    asking = [
        JoinRequest(
            server=server,
            handle=uuid4(),
            secret_hash=uuid4().bytes,
            display_name="The Last" if number == size - 1 else None,
            asked_at=begun + timedelta(microseconds=number),
        )
        for number in range(size)
    ]
    with excused():
        JoinRequest.objects.bulk_create(asking, batch_size=1000)


@pytest.mark.requirement("R30")
def test_10_000_who_wait_take_no_more_queries_than_one_page_of_them(server):
    few, owner = ServerFactory(owner=server.owner), Browser().sign_in(server.owner)
    crowd(few, 60), crowd(server, 10_000)
    counts = []
    owner.get(queue_of(few))  # once a minute the session is noted, and keys are read
    owner.get(queue_of(server))
    for queue in (queue_of(few), queue_of(server)):
        with asked_of_database() as asked:
            owner.get(queue)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 8
    found = owner.post(queue_of(server), {"name": "last"}, follow=True)
    assert [row.shown_name for row, _ in found.context["rows"]] == ["The Last"]
