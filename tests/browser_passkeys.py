"""Passkeys in a real browser, from the first to the last: run by `manage.py test --browser`."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.factors import EncryptedTOTPDevice
from accounts.models import Passkey
from content.models import DeletionOrder
from tests.codes import fresh_code
from tests.factories import PASSWORD, AuthenticatorFactory
from tests.objects import store

pytestmark = pytest.mark.requirement("R30")


@pytest.fixture
def oren_signs_in(server):
    """How the server's owner, who has an authenticator app, enters the panel."""
    AuthenticatorFactory(user=server.owner)

    def enter(page: Page) -> None:
        page.goto(reverse("sign-in"))
        page.get_by_label("Username").fill("oren")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Continue").click()
        page.get_by_label("Code").fill(fresh_code(server.owner))
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page).to_have_url(re.compile(reverse("servers")))

    return enter


def make_passkey(page: Page, name: str) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Make a passkey").click()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def sign_in_by_passkey(page: Page) -> None:
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(re.compile(reverse("servers")))


def test_a_passkey_is_made_signs_in_confirms_a_deletion_and_is_removed(
    page, laptop, server, uma, oren_signs_in
):
    store(uma)
    oren_signs_in(page)

    page.goto(reverse("security"))
    page.get_by_role("link", name="Add a passkey").first.click()
    make_passkey(page, "Laptop")
    expect(page.get_by_role("row", name=re.compile("Laptop"))).to_be_visible()

    sign_out(page)
    sign_in_by_passkey(page)

    page.goto(reverse("delete", args=[server.pk]))
    page.get_by_label("Everything").check()
    page.get_by_role("button", name="Show what would go").click()
    page.get_by_label("name", exact=False).last.fill("Atelier North")
    page.get_by_role("button", name="Confirm with a passkey").click()
    expect(page).to_have_url(re.compile("/orders/"))
    assert DeletionOrder.objects.of(server.pk).get().scope.is_everything

    page.goto(reverse("security"))
    page.get_by_role("button", name="Remove Laptop").click()
    expect(page.get_by_role("heading", name="Enter your code")).to_be_visible()  # by the app again
    assert not Passkey.objects.exists()


def test_a_newcomer_needs_nothing_but_a_passkey(page, laptop):
    page.goto(reverse("sign-up"))
    page.get_by_label("Username").fill("grace")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create the account").click()
    make_passkey(page, "Phone")
    page.get_by_role("button", name="I have saved them").click()
    expect(page).to_have_url(re.compile(reverse("servers")))
    assert not EncryptedTOTPDevice.objects.filter(confirmed=True).exists()

    sign_out(page)
    sign_in_by_passkey(page)

    page.goto(reverse("security"))
    expect(page.get_by_role("row", name=re.compile("Phone"))).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Remove"))).to_have_count(0)


def test_a_passkey_confirms_that_it_is_you_and_what_was_filled_in_is_kept(
    page, laptop, oren_signs_in
):
    oren_signs_in(page)
    page.goto(reverse("new-passkey"))
    make_passkey(page, "Laptop")  # from here on the code of the sign-in is not fresh any more

    page.get_by_role("link", name="Rename Laptop").click()
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_label("Name").fill("Blue laptop")
    page.get_by_role("button", name="Save the name").click()
    expect(page.get_by_role("row", name=re.compile("Blue laptop"))).to_be_visible()


def test_without_a_finger_nothing_happens_and_the_page_says_so(page, laptop, oren_signs_in):
    oren_signs_in(page)
    page.goto(reverse("new-passkey"))
    laptop.turn_down()
    make_passkey(page, "Laptop")
    expect(page.get_by_role("alert")).to_have_text("No passkey was used. Try again.")
    assert not Passkey.objects.exists()
