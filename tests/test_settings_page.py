"""Settings: the name, who administers, which policy holds, and the danger zone last."""

import pytest
from django.urls import reverse

from audit.authority import OutsideAuthority
from lifecycle.actions import order_server_deletion
from servers.actions import rename_server
from servers.models import Server
from tests.browser import Browser
from tests.support import actions_of, events_of

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R4")]


@pytest.fixture
def browser(ada):
    return Browser().sign_in(ada.warrant.account)


@pytest.fixture
def url(server):
    return reverse("settings", args=[server.pk])


def name_of(server):
    return Server.objects.get(pk=server.pk).name


def test_the_page_shows_what_holds_here(browser, url):
    text = browser.get(url).content.decode()
    for words in ("Atelier North", "Europe, fixed", "oren", "Owner and administrator", "30 days"):
        assert words in text
    assert text.index("Danger zone") > text.index("Administrators")


@pytest.mark.requirement("R10")
def test_a_lone_administrator_is_warned(server, oren, url):
    text = Browser().sign_in(oren.warrant.account).get(url).content.decode()
    assert "There is only one administrator." in text


@pytest.mark.requirement("R10")
def test_two_administrators_are_not_warned(browser, url):
    assert "There is only one administrator." not in browser.get(url).content.decode()


def test_renaming_changes_the_name_and_is_recorded(browser, url, server):
    text = browser.post(url, {"name": "Harbour Works"}, follow=True).content.decode()

    (event,) = events_of(server)
    assert "The server has its new name." in text
    assert name_of(server) == "Harbour Works"
    assert event.action == "server.renamed"
    assert event.private == {"actor": "ada", "from": "Atelier North", "to": "Harbour Works"}
    assert b"Harbour" not in bytes(event.leaf)


def test_an_empty_name_is_said_and_nothing_changes(browser, url, server):
    text = browser.post(url, {"name": " "}).content.decode()
    assert "Enter a name for the server." in text
    assert name_of(server) == "Atelier North"
    assert not events_of(server)


def test_a_name_that_is_too_long_is_kept_for_correction(browser, url):
    answer = browser.post(url, {"name": "x" * 61})
    assert answer.context["form"]["name"].value() == "x" * 61


@pytest.mark.requirement("R5")
def test_mallory_renames_nothing_and_leaves_no_trace(server, mallory):
    with pytest.raises(OutsideAuthority):
        rename_server(server, "Mine", by=mallory)
    assert name_of(server) == "Atelier North"
    assert not events_of(server)


@pytest.mark.requirement("R24")
def test_a_server_being_deleted_shows_the_way_to_call_it_off(server, oren, browser, url):
    order_server_deletion(server, by=oren)
    assert "See when, or call it off" in browser.get(url).content.decode()
    assert actions_of(server) == ["server.deletion_ordered"]
