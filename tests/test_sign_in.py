"""Signing up, in and out: nothing opens before both steps, and a refusal tells nothing."""

import re
from uuid import uuid4

import pytest
from django.contrib.auth import SESSION_KEY
from django.urls import reverse

from accounts.models import Account, EncryptedTOTPDevice, RecoveryDevice
from tests.browser import Browser
from tests.codes import fresh_code, shown_by
from tests.factories import PASSWORD, AccountFactory, AuthenticatorFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R5")]
WIDE_ADA = "\uff21\uff24\uff21"  # in fullwidth letters


@pytest.fixture
def browser():
    return Browser()


@pytest.fixture
def ada():
    """Has an account and an authenticator app."""
    return AuthenticatorFactory(user=AccountFactory(username="Ada")).user


def give_password(browser, username, password=PASSWORD, **query):
    address = reverse("sign-in", query=query) if query else reverse("sign-in")
    return browser.post(address, {"username": username, "password": password})


def give_code(browser, account):
    return browser.post(reverse("sign-in-code"), {"code": fresh_code(account)})


# --- signing up -----------------------------------------------------------------------------------
def test_a_newcomer_gets_in_only_after_the_second_factor_is_set_up_and_saved(browser):
    asked = {"username": "Ada", "password": PASSWORD, "email": ""}
    assert browser.post(reverse("sign-up"), asked).url == reverse("second-factor")
    assert browser.get(reverse("account")).url == reverse("second-factor")

    page = browser.get(reverse("second-factor")).content.decode()
    device = EncryptedTOTPDevice.objects.get(user__canonical="ada")
    assert " ".join(re.findall("....", device.seed)) in page
    assert "<svg" in page

    answer = browser.post(reverse("second-factor"), {"code": shown_by(device)})
    assert answer.url == reverse("recovery-codes")
    assert browser.get(reverse("account")).url == reverse("sign-in-code")

    page = browser.get(reverse("recovery-codes")).content.decode()
    assert len(set(re.findall(r"(?:[A-Z2-7]{4} ){5}[A-Z2-7]{4}", page))) == 10
    assert browser.post(reverse("recovery-codes")).url == reverse("servers")
    assert browser.get(reverse("account")).status_code == 200


def test_recovery_codes_are_shown_once(browser):
    browser.post(reverse("sign-up"), {"username": "ada", "password": PASSWORD})
    device = EncryptedTOTPDevice.objects.get(user__canonical="ada")
    browser.post(reverse("second-factor"), {"code": shown_by(device)})
    browser.post(reverse("recovery-codes"))
    assert browser.get(reverse("recovery-codes")).url == reverse("account")


def test_an_e_mail_address_is_welcome(browser):
    asked = {"username": "ada", "password": PASSWORD, "email": "ada@example.org"}
    browser.post(reverse("sign-up"), asked)
    ada = Account.objects.get(canonical="ada")
    assert ada.new_address.address == "ada@example.org"
    assert ada.email is None  # it does not count before the link was opened


@pytest.mark.parametrize("twin", ["ada", "ADA", WIDE_ADA])
def test_a_taken_username_is_told_and_what_was_typed_is_kept(browser, ada, twin):
    asked = {"username": twin, "password": PASSWORD, "email": "a@example.org"}
    page = browser.post(reverse("sign-up"), asked).content.decode()
    assert "<title>Error: Create an account" in page
    assert page.count("This username is taken. Choose another one.") == 2  # summary and field
    assert f'value="{twin}"' in page
    assert 'value="a@example.org"' in page
    assert PASSWORD not in page


@pytest.mark.parametrize(
    ("username", "password", "reason"),
    [
        ("ada", "short", "too short"),
        ("ada", "password1234", "too common"),
        ("adalovelace1", "adalovelace12", "too similar to the username"),
        ("ada\u202elovelace", PASSWORD, "hidden character"),
        ("a b c", PASSWORD, "letters, digits, dots"),
        ("", PASSWORD, "Choose a username"),
        ("ada", "", "Choose a password"),
    ],
)
def test_a_poor_choice_is_refused_with_its_reason(browser, username, password, reason):
    asked = {"username": username, "password": password, "email": "not an address"}
    page = browser.post(reverse("sign-up"), asked).content.decode()
    assert reason in page
    assert "Enter an address such as" in page
    assert not Account.objects.exists()


# --- signing in -----------------------------------------------------------------------------------
def test_both_steps_open_the_panel(browser, ada):
    assert give_password(browser, "ada").url == reverse("sign-in-code")
    assert "Enter your code" in browser.get(reverse("sign-in-code")).content.decode()
    assert give_code(browser, ada).url == reverse("servers")
    assert browser.get(reverse("account")).status_code == 200


def test_any_spelling_of_the_username_finds_the_account(browser, ada):
    assert give_password(browser, "\uff41\uff24a").url == reverse("sign-in-code")


@pytest.mark.requirement("R30")
def test_the_password_alone_opens_nothing(browser, ada):
    give_password(browser, "ada")
    assert browser.get(reverse("account")).url == reverse("sign-in-code")
    assert browser.post(reverse("new-recovery-codes")).url == reverse("sign-in-code")
    assert browser.get(reverse("second-factor")).url == reverse("account")
    assert browser.get(reverse("recovery-codes")).url == reverse("account")


# --- with a recovery code -------------------------------------------------------------------------
def with_code(browser, code, password=PASSWORD):
    typed = {"username": "ada", "password": password, "code": code}
    return browser.post(reverse("sign-in-recovery-code"), typed)


def test_name_password_and_recovery_code_open_the_panel_together(browser, ada):
    code = RecoveryDevice.objects.renew(ada)[0]
    assert with_code(browser, code).url == reverse("servers")
    assert "Recovery codes left: 9." in browser.get(reverse("servers")).content.decode()
    assert browser.get(reverse("account")).status_code == 200


def test_a_recovery_code_is_kept_when_the_password_is_wrong(browser, ada):
    code = RecoveryDevice.objects.renew(ada)[0]
    assert with_code(browser, code, "not the password").status_code == 200
    assert with_code(browser, code).url == reverse("servers")


def test_the_name_is_not_asked_for_twice(browser, ada):
    give_password(browser, "ada")
    assert 'value="Ada"' in browser.get(reverse("sign-in-recovery-code")).content.decode()


# --- what is typed --------------------------------------------------------------------------------
HOSTILE = ["x" * 5000, "ada\x00", "\u202eada", "ada\ud800".encode("utf-8", "surrogatepass")]


@pytest.mark.parametrize("typed", HOSTILE, ids=["long", "nul", "direction", "not utf-8"])
@pytest.mark.parametrize("route", ["sign-up", "sign-in", "sign-in-code", "sign-in-recovery-code"])
def test_nothing_that_is_typed_breaks_a_page(client, ada, route, typed):
    client.force_login(ada)
    fields = dict.fromkeys(("username", "password", "email", "code"), typed)
    assert client.post(reverse(route), fields).status_code in (200, 302)


@pytest.mark.requirement("R30")
def test_the_session_key_changes_with_each_step(browser, ada):
    browser.get(reverse("sign-in"))
    session = browser.session
    session["planted"] = "by somebody else"
    session.save()
    keys = [browser.cookies["sid"].value]
    give_password(browser, "ada")
    keys.append(browser.cookies["sid"].value)
    give_code(browser, ada)
    keys.append(browser.cookies["sid"].value)
    assert len(set(keys)) == 3
    assert "planted" not in browser.session
    for key in keys[:2]:
        assert not browser.session.exists(key)


def test_the_page_that_was_asked_for_comes_next(browser, ada):
    asked = reverse("account") + "?tab=1"
    to_sign_in = browser.get(asked).url
    assert to_sign_in == reverse("sign-in") + "?next=/account/%3Ftab%3D1"
    browser.get(to_sign_in)
    browser.post(to_sign_in, {"username": "ada", "password": PASSWORD})
    assert give_code(browser, ada).url == asked


@pytest.mark.requirement("R30")
@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:evil",
    ],
)
def test_a_next_page_of_another_host_is_ignored(browser, ada, elsewhere):
    give_password(browser, "ada", next=elsewhere)
    assert give_code(browser, ada).url == reverse("servers")


def test_a_newcomers_next_page_survives_the_set_up(browser):
    asked = {"username": "ada", "password": PASSWORD}
    browser.post(reverse("sign-up", query={"next": "/account/?tab=1"}), asked)
    device = EncryptedTOTPDevice.objects.get(user__canonical="ada")
    browser.post(reverse("second-factor"), {"code": shown_by(device)})
    assert browser.post(reverse("recovery-codes")).url == "/account/?tab=1"


# --- signing out ----------------------------------------------------------------------------------
@pytest.mark.requirement("R30")
def test_signing_out_ends_the_session_on_the_server(ada):
    browser = Browser().sign_in(ada)
    copied = browser.cookies["sid"].value
    answer = browser.post(reverse("sign-out"))
    assert answer.url == reverse("sign-in")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'

    thief = Browser()
    thief.cookies["sid"] = copied
    assert thief.get(reverse("account")).status_code == 302


def test_a_link_cannot_sign_anybody_out(ada):
    browser = Browser().sign_in(ada)
    assert browser.get(reverse("sign-out")).status_code == 405
    assert browser.get(reverse("account")).status_code == 200


def test_who_has_only_given_a_password_may_leave(browser, ada):
    give_password(browser, "ada")
    browser.post(reverse("sign-out"))
    assert SESSION_KEY not in browser.session


# --- the closed door ------------------------------------------------------------------------------
def test_a_visitor_is_asked_to_sign_in_as_fits_the_request(browser):
    page = reverse("account")
    asked = f"{reverse('sign-in')}?next={page}"
    assert browser.get(page).url == browser.head(page).url == asked
    assert browser.post(reverse("new-recovery-codes")).url == reverse("sign-in")
    refused = browser.get(page, headers={"accept": "application/json"})
    assert refused.status_code == 401
    assert refused.json()["code"] == "signed_out"


@pytest.mark.requirement("R30")
def test_pages_of_the_signed_in_are_stored_nowhere(browser, ada):
    assert "Cache-Control" not in browser.get(reverse("sign-in")).headers
    give_password(browser, "ada")
    assert browser.get(reverse("sign-in-code")).headers["Cache-Control"] == "no-store"
    give_code(browser, ada)
    for route in ("account", "sign-in"):
        assert browser.get(reverse(route)).headers["Cache-Control"] == "no-store"
    assert browser.get(f"/servers/{uuid4()}/nowhere/").headers["Cache-Control"] == "no-store"


@pytest.mark.requirement("R30")
def test_a_form_without_its_token_is_refused(ada):
    browser = Browser(enforce_csrf_checks=True).sign_in(ada)
    assert browser.post(reverse("sign-out")).status_code == 403
    assert browser.get(reverse("account")).status_code == 200
