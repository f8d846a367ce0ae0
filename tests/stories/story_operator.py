"""An operator suspends a server: its own people see at once by whom, why, and what still works."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from servers.models import Server, Standing
from tests.browser_operators import choose, state_grounds
from tests.chromium import BOTH_WAYS, Laptop
from tests.factories import OperatorFactory
from tests.objects import store
from tests.stories.people import known, signed_in
from tests.stories.phones import Phone

pytestmark = [BOTH_WAYS, pytest.mark.requirement("R21", "R26")]


@pytest.fixture
def opal(open_browser):
    """An operator, signed in by a passkey: that takes a script, whatever they do afterwards."""
    account = OperatorFactory(account__username="opal").account
    page = open_browser(java_script_enabled=True)
    Laptop(page)
    person = known(page, account)
    person.signs_in()
    person.goes_to("new-passkey")
    person.presses("Make a passkey")
    person.sees("Passkey")
    person.signs_out()
    person.presses("Sign in with a passkey")
    person.is_at("Your servers")
    return page


def test_what_an_operator_did_stands_before_the_servers_people(
    open_browser, opal, page, server, oren, uma
):
    store(uma)
    phone = Phone(server, "uma", "Uma")
    desk = open_browser(storage_state=opal.context.storage_state())
    owner = signed_in(page, server.owner)
    suspends(desk, server)
    assert phone.finds() is None
    is_told(owner)
    lifts_it(desk, server)
    owner.follows("Atelier North")
    expect(page.get_by_text("Active").first).to_be_visible()
    assert phone.finds() == 1


def suspends(desk, server):
    choose(desk, server, "Suspend")
    desk.get_by_role("button", name="Suspend").click()
    expect(desk.get_by_role("alert")).to_contain_text("Choose a reason.")
    state_grounds(desk)
    desk.get_by_role("button", name="Suspend").click()
    expect(desk.get_by_text(f"{server.pk}: suspended.")).to_be_visible()
    assert Server.objects.get(pk=server.pk).standing == Standing.SUSPENDED


def is_told(owner):
    owner.follows("Your servers")
    owner.sees("Suspended")
    owner.follows("Atelier North")
    owner.follows("Audit log")
    owner.sees("suspended the server")
    owner.follows("Operator actions")
    owner.sees("A court order or another duty by law")
    owner.sees("opal")
    owner.page.goto(reverse("settings", args=[Server.objects.get(owner__canonical="oren").pk]))
    owner.presses("Resume this server")
    owner.sees("No administrator has suspended this server.")


def lifts_it(desk, server):
    choose(desk, server, "Resume")
    desk.get_by_role("button", name="Resume").click()
    expect(desk.get_by_text(f"{server.pk}: resumed.")).to_be_visible()
    assert Server.objects.get(pk=server.pk).standing == Standing.ACTIVE
