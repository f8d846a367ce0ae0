"""How a server stands and why, for those who administer it; and what they can do about it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from enigm_command.lib import clock
from lifecycle.actions import place_hold, restrict_server, retire_server, suspend_server
from lifecycle.models import Grounds, Reason, Retirement
from lifecycle.models.hold import Wish
from servers.models import Server, Standing
from tests.browser import Browser
from tests.codes import fresh_code
from tests.factories import OperatorFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R24", "R26")]
GROUNDS = Grounds(Reason.COURT_ORDER, "case 118")


@pytest.fixture
def browser(oren):
    return Browser().sign_in(oren.warrant.account)


@pytest.fixture
def operator():
    return OperatorFactory().authority


def read(browser, server, route="endings"):
    return browser.get(reverse(route, args=[server.pk])).content.decode()


def test_a_server_that_nothing_holds_back_says_so(server, browser):
    assert "Nothing holds it back" in read(browser, server)


def test_every_open_cause_stands_with_its_party_and_reason(server, browser, oren, operator):
    restrict_server(server, GROUNDS, by=operator)
    suspend_server(server, reason="a lost laptop", by=oren)
    retire_server(server, by=oren)

    text = read(browser, server)
    for words in (
        "Restricted",
        "A court order or another duty by law",
        "a lost laptop",
        "Runs dry and deletes itself",
        "operators",
    ):
        assert words in text
    assert "case 118" not in text


def test_a_hold_shows_its_category_and_a_confidential_one_only_that_erasure_waits(
    server, browser, operator
):
    until = clock.now() + timedelta(days=60)
    said = {"reason": "A claim is heard.", "reference": "case 118", "until": until}
    place_hold(server, Wish(category="security", confidential=True, **said), by=operator)
    text = read(browser, server)
    assert "Physical erasure is pending" in text
    assert "Security" not in text

    place_hold(server, Wish(category="compliance", **said), by=operator)
    text = read(browser, server)
    assert "Compliance" in text
    assert "A claim is heard." not in text


def test_retiring_takes_the_name_and_a_code(server, browser, oren):
    shown = browser.get(reverse("retirement", args=[server.pk]))
    typed = {"name": "Atelier North", "code": fresh_code(server.owner)}
    answer = browser.press(shown, "Retire this server", **typed)
    assert answer.url == reverse("endings", args=[server.pk])
    assert Server.objects.get(pk=server.pk).standing == Standing.RETIRING
    assert "Call the retirement off" in read(browser, server)


def test_a_wrong_name_retires_nothing(server, browser):
    shown = browser.get(reverse("retirement", args=[server.pk]))
    typed = {"name": "Quay", "code": fresh_code(server.owner)}
    answer = browser.press(shown, "Retire this server", **typed)
    assert "This is not the name of this server." in answer.content.decode()
    assert not Retirement.objects.exists()


def test_calling_off_on_the_page(server, browser, oren):
    retire_server(server, by=oren)
    url = reverse("retirement-calling-off", args=[server.pk])
    assert "The server lives on." in browser.post(url, follow=True).content.decode()
    assert "no retirement of yours" in browser.post(url, follow=True).content.decode()
    assert Server.objects.get(pk=server.pk).standing == Standing.ACTIVE


def test_an_administrator_who_is_not_the_owner_reads_that_only_the_owner_retires(server, ada):
    browser = Browser().sign_in(ada.warrant.account)
    assert "Only the owner of a server can retire it" in read(browser, server, "retirement")
