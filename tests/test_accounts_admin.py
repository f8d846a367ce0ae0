"""Operators find an account by its whole name alone, and can end what it is signed in to."""

import pytest
from django.urls import reverse

from accounts.models import Account, Notice
from accounts.notices import Kind
from audit.models import AuditStream
from audit.vocabulary import Action
from enigm_command.lib.vault import PLATFORM
from tests.browser import Browser
from tests.factories import AccountFactory, AuthenticatorFactory
from tests.operators import browser_of, operator
from tests.search import says
from tests.support import events_of

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R30")]
LIST = reverse("ops:accounts_account_changelist")


@pytest.fixture
def browser():
    return browser_of(operator())


@pytest.fixture
def lena():
    return AuthenticatorFactory(user=AccountFactory(username="Lena", email="lena@example.org")).user


def last_act():
    """The newest entry of the platform's log that is no look at a page."""
    log = events_of(AuditStream(pk=PLATFORM))
    return [entry for entry in log if entry.action != Action.PAGE_VIEWED][-1]


def test_there_is_no_list_of_accounts(browser, lena):
    assert not says("Lena", browser.get(LIST).content)


@pytest.mark.parametrize(
    ("typed", "found"), [("lena", True), ("LENA", True), ("len", False), ("lena x", False)]
)
def test_an_account_is_found_by_its_whole_name(browser, lena, typed, found):
    shown = browser.get(LIST, {"q": typed}).content.decode()
    assert (reverse("ops:accounts_account_change", args=[lena.pk]) in shown) is found


def test_its_page_shows_neither_address_nor_what_proves_it(browser, lena):
    shown = browser.get(reverse("ops:accounts_account_change", args=[lena.pk])).content.decode()
    assert "Lena" in shown
    for hidden in ("lena@example.org", lena.password, "argon2"):
        assert hidden not in shown


def test_ending_the_sessions_signs_out_everywhere_tells_and_is_recorded(browser, lena):
    theirs = Browser().sign_in(lena)
    assert theirs.get(reverse("servers")).status_code == 200

    sent = {"action": "end_sessions", "_selected_action": str(lena.pk), "answered": "yes"}
    said = browser.post(f"{LIST}?q=lena", {**sent, "reference": "case 7"}, follow=True)

    assert "signed out everywhere, and told." in said.content.decode()
    assert theirs.get(reverse("servers")).url.startswith("/sign-in/")
    assert not lena.sessions.exists()
    assert [notice.kind for notice in Notice.objects.of(lena)] == [Kind.SESSIONS_ENDED]
    entry = last_act()
    assert entry.action == Action.SESSIONS_ENDED
    assert entry.private == {"actor": "opal", "account": "Lena", "reference": "case 7"}


def test_without_a_reference_nothing_is_ended(browser, lena):
    theirs = Browser().sign_in(lena)
    sent = {"action": "end_sessions", "_selected_action": str(lena.pk), "answered": "yes"}
    browser.post(f"{LIST}?q=lena", {**sent, "reference": " "})
    assert theirs.get(reverse("servers")).status_code == 200


def test_the_password_and_the_factors_stay_what_they_were(browser, lena):
    sent = {"action": "end_sessions", "_selected_action": str(lena.pk), "answered": "yes"}
    before = Account.objects.get(pk=lena.pk).password
    browser.post(f"{LIST}?q=lena", {**sent, "reference": "case 7"})

    after = Account.objects.get(pk=lena.pk)
    assert after.password == before
    assert after.auth_epoch == lena.auth_epoch + 1


def test_operators_see_who_else_is_one(browser):
    operator("otto")
    shown = browser.get(reverse("ops:accounts_operator_changelist")).content.decode()
    assert "opal" in shown
    assert "otto" in shown
