"""Administrators read their server's own log, and nothing but it."""

import pytest
from django.urls import reverse

from audit.authority import OutsideAuthority
from audit.recording import recording
from audit.vocabulary import Action
from enigm_command.lib.paging import SIZE
from lifecycle.actions import order_server_deletion
from servers.actions import rename_server
from servers.models import Server
from tests.browser import Browser
from tests.support import asked_of_database

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R28")]


@pytest.fixture
def browser(ada):
    return Browser().sign_in(ada.warrant.account)


@pytest.fixture
def url(server):
    return reverse("log", args=[server.pk])


def seqs(answer):
    return [event.seq for event in answer.context["events"]]


def test_the_newest_entry_is_first_with_who_when_and_in_what_capacity(
    browser, url, server, ada, oren
):
    rename_server(server, "Harbour Works", by=oren)
    rename_server(server, "Quay", by=ada)

    answer = browser.get(url)
    text = answer.content.decode()
    assert seqs(answer) == [1, 0]
    for words in ("oren", "Owner", "ada", "Administrator", "renamed the server", "To: Quay"):
        assert words in text
    assert "UTC" in text


def test_an_acts_refusal_is_shown_as_one(browser, url, server, ada):
    with pytest.raises(OutsideAuthority):
        order_server_deletion(server, by=ada)
    assert "was refused: ordered the whole server deleted" in browser.get(url).content.decode()


def test_pages_go_by_entry_and_lose_none(browser, url, server, ada):
    for _ in range(SIZE + 3):
        with recording(Action.SERVER_RENAMED, by=ada, server=server):
            pass
    first = browser.get(url)
    second = browser.get(f"{url}?before={seqs(first)[-1]}")
    assert seqs(first) + seqs(second) == list(range(SIZE + 2, -1, -1))
    assert "Older" in first.content.decode()
    assert "Older" not in second.content.decode()


@pytest.mark.parametrize("page", ["", "40/"])
def test_a_page_takes_at_most_eight_queries_however_much_it_shows(browser, url, server, ada, page):
    for _ in range(SIZE + 3):
        rename_server(server, "Quay", by=ada)
    browser.get(url + page)  # signs the checkpoint that later pages are checked against

    with asked_of_database() as asked:
        browser.get(url + page)
    assert len(asked) <= 8


@pytest.mark.parametrize("before", ["x", "-1", "", "9" * 40, "²"])
def test_an_address_that_someone_edited_shows_a_page(browser, url, server, ada, before):
    rename_server(server, "Quay", by=ada)
    assert seqs(browser.get(url, {"before": before})) == [0]


def test_before_the_first_entry_the_page_says_so(browser, url):
    assert "No entry fits" in browser.get(url).content.decode()


def test_reading_the_log_changes_nothing(browser, url, server, ada):
    rename_server(server, "Quay", by=ada)
    browser.get(url)
    assert seqs(browser.get(url)) == [0]


def test_another_servers_entries_never_show(browser, url, server, mallory):
    rename_server(Server.objects.get(pk=mallory.server_id), "Secret plans", by=mallory)
    text = browser.get(url).content.decode()
    assert "Secret plans" not in text
