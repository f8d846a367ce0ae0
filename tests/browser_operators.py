"""The operators' pages in a real browser: entered by a passkey, and within the content policy."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from lifecycle.models import ProposedAct
from servers.models import Server, Standing
from tests.codes import fresh_code
from tests.factories import PASSWORD, AuthenticatorFactory, OperatorFactory
from tests.operators import list_of

pytestmark = pytest.mark.requirement("R26", "R30")


@pytest.fixture
def opal(page: Page, laptop):
    """Somebody who signed in with the passkey that they have just added."""
    account = OperatorFactory(account__username="opal").account
    AuthenticatorFactory(user=account)
    page.goto(reverse("sign-in"))
    page.get_by_label("Username").fill("opal")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Code").fill(fresh_code(account))
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(re.compile(reverse("servers")))
    page.goto(reverse("new-passkey"))
    page.get_by_label("Name").fill("Laptop")
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_role("row", name=re.compile("Laptop"))).to_be_visible()
    page.get_by_role("button", name="Sign out", exact=True).click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(re.compile(reverse("servers")))
    return account


def choose(page: Page, server: Server, words: str) -> None:
    page.goto(list_of(Server))
    page.get_by_role("row", name=re.compile(str(server.pk))).get_by_role("checkbox").check()
    page.locator("select[name=action]").select_option(label=words)
    page.get_by_role("button", name="Go").click()


def state_grounds(page: Page) -> None:
    page.get_by_label("Reason").select_option("A court order or another duty by law")
    page.get_by_label("Reference").fill("case 118")


def test_an_operator_suspends_a_server_and_proposes_to_delete_it(page, server, opal):
    page.goto("/ops/")
    expect(page.get_by_role("heading", name="Operators")).to_be_visible()

    page.goto(list_of(Server))
    choose(page, server, "Suspend")
    page.get_by_role("button", name="Suspend").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose a reason.")
    state_grounds(page)
    page.get_by_role("button", name="Suspend").click()
    expect(page.get_by_text(f"{server.pk}: suspended.")).to_be_visible()
    assert Server.objects.get(pk=server.pk).standing == Standing.SUSPENDED

    choose(page, server, "Propose to delete")
    state_grounds(page)
    page.get_by_role("button", name="Propose to delete").click()
    expect(page.get_by_text("its deletion is proposed")).to_be_visible()
    proposed = ProposedAct.objects.get(server=server)

    page.goto(list_of(ProposedAct))
    page.goto(f"{list_of(ProposedAct)}{proposed.pk}/")
    expect(page.get_by_text("case 118")).to_be_visible()
    page.goto(f"{list_of(Server)}{server.pk}/")
