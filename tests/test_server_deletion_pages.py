"""The pages on which a whole server is deleted."""

from datetime import timedelta

import pytest
from django.urls import reverse

from lifecycle.actions import (
    call_off_server_deletion,
    order_server_deletion,
)
from servers.models import Standing
from tests.browser import Browser
from tests.codes import fresh_code
from tests.factories import (
    MembershipFactory,
    PolicyVersionFactory,
)
from tests.support import actions_of, events_of
from tests.test_server_deletion import again, carry_through

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R24")]


# --- the pages ------------------------------------------------------------------------------------
@pytest.fixture
def browser(oren):
    return Browser().sign_in(oren.warrant.account)


def url(server, route="server-deletion"):
    return reverse(route, args=[server.pk])


def confirm(browser, server, **changes):
    typed = {"name": "Atelier North", "code": fresh_code(server.owner), **changes}
    return browser.press(browser.get(url(server)), "Delete this server", **typed)


def test_the_review_shows_the_numbers_and_the_limits_before_anything_happens(server, browser):
    MembershipFactory.create_batch(3, server=server)
    text = browser.get(url(server)).content.decode()
    assert "What goes" in text
    assert "3 days later" in text
    assert "It cannot reach a screenshot, an export, or a device that never connects again" in text
    assert again(server).standing == Standing.ACTIVE


def test_name_and_code_order_it_and_the_page_offers_to_call_it_off(server, browser):
    text = browser.get(confirm(browser, server).url).content.decode()
    assert again(server).standing == Standing.DELETING
    assert "The deletion is ordered" in text
    assert "Call the deletion off" in text


def test_calling_off_on_the_page(server, browser, oren):
    order_server_deletion(server, by=oren)
    route = url(server, "server-deletion-calling-off")
    assert "The server is as it was." in browser.post(route, follow=True).content.decode()
    assert again(server).standing == Standing.ACTIVE
    assert "no deletion that can still" in browser.post(route, follow=True).content.decode()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "atelier north"}, "This is not the name of this server."),
        ({"name": ""}, "Type the server’s name to confirm."),
        ({"code": ""}, "Enter the 6 digits"),
        ({"confirmation": ""}, "Five minutes have passed, or it has changed."),
    ],
)
def test_what_is_missing_or_wrong_is_said_and_orders_nothing(server, browser, changes, said):
    assert said in confirm(browser, server, **changes).content.decode()
    assert again(server).standing == Standing.ACTIVE
    assert not events_of(server)


def test_a_wrong_code_orders_nothing_and_is_on_record(server, browser):
    said = "That code is wrong or was used before."
    assert said in confirm(browser, server, code="000000").content.decode()
    assert again(server).standing == Standing.ACTIVE
    (event,) = events_of(server)
    assert event.sentence == "was refused: ordered the whole server deleted (wrong code)"


def test_called_off_it_is_not_ordered_again_by_sending_the_form_again(server, browser, oren):
    shown = browser.get(url(server))
    typed = {"name": "Atelier North", "code": fresh_code(server.owner)}
    browser.press(shown, "Delete this server", **typed)
    call_off_server_deletion(server, by=oren)
    for code in (typed["code"], fresh_code(server.owner)):
        again_sent = browser.press(shown, "Delete this server", **{**typed, "code": code})
        assert "it has changed" in again_sent.content.decode()
    assert again(server).standing == Standing.ACTIVE


def test_another_delay_than_was_shown_is_shown_first(server, browser):
    shown = browser.get(url(server))
    PolicyVersionFactory(server=server, deletion_delay=timedelta(hours=1))
    typed = {"name": "Atelier North", "code": fresh_code(server.owner)}
    answer = browser.press(shown, "Delete this server", **typed)
    assert "it has changed" in answer.content.decode()
    assert again(server).standing == Standing.ACTIVE


def test_an_administrator_who_is_not_the_owner_is_told_so_and_refused(server, ada):
    browser = Browser().sign_in(ada.warrant.account)
    shown = browser.get(url(server))
    assert "Only the owner" in shown.content.decode()
    confirmation = shown.context["form"].confirmation.pk
    sent = {"name": "Atelier North", "code": fresh_code(ada.warrant.account)}
    assert browser.post(url(server), {**sent, "confirmation": confirmation}).status_code == 403
    assert again(server).standing == Standing.ACTIVE
    assert actions_of(server) == ["server.deletion_ordered refused"]


def test_of_a_deleted_server_only_the_log_is_left_to_see(server, browser, oren):
    carry_through(order_server_deletion(server, by=oren))
    assert browser.get(url(server, "log")).status_code == 200
    for route in ("settings", "invite", "suspension", "server-deletion", "server"):
        assert browser.get(url(server, route)).url == url(server, "log")
