"""Pages that are open to everyone: what is promised there, and what is not given away."""

import re
from datetime import datetime, timedelta

import pytest

from enigm_command.lib import clock, locator
from servers.models import Standing
from tests.browser import Browser
from tests.factories import AccountFactory, ServerFactory

NOTHING_THERE = "EN-0000-0000-0000-0000-0000-0"


@pytest.fixture
def visitor():
    return Browser()


def words(response) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("path", ["/", "/what-admins-see/", "/limits/", f"/j/{NOTHING_THERE}/"])
def test_everyone_reads_a_public_page_and_nothing_is_looked_up(
    visitor, path, django_assert_num_queries, db
):
    with django_assert_num_queries(0):
        assert visitor.get(path).status_code == 200


def test_the_front_page_offers_the_ways_in_that_fit_the_reader(visitor, db):
    assert 'href="/sign-up/"' in words(visitor.get("/"))

    at_home = words(visitor.sign_in(AccountFactory(username="nora")).get("/"))
    assert 'href="/servers/"' in at_home
    assert 'href="/sign-up/"' not in at_home


@pytest.mark.requirement("R31")
def test_the_limits_page_says_what_the_product_is_not(visitor):
    page = words(visitor.get("/limits/"))
    for denied in ("VPN", "proxy", "Tor gateway", "network gateway", "Device Trust", "end-to-end"):
        assert denied in page
    for limit in ("already read", "screenshot", "careless policy", "unlocked device", "handle"):
        assert limit in page


@pytest.mark.requirement("R1")
def test_the_table_of_sight_gives_content_and_keys_to_nobody_here(visitor):
    page = words(visitor.get("/what-admins-see/"))
    for row in ("Message text, images, voice, files", "Keys that open content"):
        cells = page.partition(row)[2].partition("</tr>")[0]
        assert cells.count("Never") == 2


@pytest.mark.requirement("R11", "R30")
@pytest.mark.parametrize("standing", Standing)
def test_the_join_page_does_not_tell_whether_there_is_such_a_server(visitor, standing, db):
    server = ServerFactory(standing=standing)
    shown, of_none = visitor.get(f"/j/{server.locator}/"), visitor.get(f"/j/{NOTHING_THERE}/")
    assert without_id(shown, server.locator) == without_id(of_none, NOTHING_THERE)
    assert shown.headers["Content-Type"] == of_none.headers["Content-Type"]
    assert server.shown_name not in words(shown)


def without_id(response, server_id) -> tuple[int, str]:
    """The page but for the Server ID, and for what is drawn of it."""
    page = words(response).replace(server_id, "ID")
    return response.status_code, re.sub(r'd="M[^"]*"', "the code's picture", page)


def test_a_server_id_is_shown_in_its_one_spelling(visitor):
    page = words(visitor.get("/j/en0000-oooo-0000-oooo-0000o/"))
    assert NOTHING_THERE in page
    assert f'href="enigm://join/{NOTHING_THERE}"' in page


@pytest.mark.requirement("R11")
def test_a_typing_error_in_a_server_id_is_told_and_nothing_is_shown(visitor):
    mistyped = locator.make()[:-1]
    response = visitor.get(f"/j/{mistyped}/")
    assert response.status_code == 404
    assert "Check that none is missing" in words(response)
    assert "enigm://" not in words(response)


def test_a_weakness_can_be_reported_to_an_address_that_programs_find(visitor, settings):
    settings.SECURITY_CONTACT = "mailto:watch@example.org"

    told = visitor.get("/.well-known/security.txt")

    lines = dict(line.split(": ", 1) for line in told.content.decode().splitlines())
    assert told.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert lines["Contact"] == "mailto:watch@example.org"
    left = datetime.fromisoformat(lines["Expires"]) - clock.now()
    assert timedelta(0) < left < timedelta(days=366)


@pytest.mark.django_db
def test_the_status_is_not_looked_up_for_whoever_asks_without_end(client):
    answers = [
        client.get("/status/").status_code for _ in range(160)
    ]  # some of it drains meanwhile
    assert answers[:120] == [200] * 120
    assert 429 in answers
