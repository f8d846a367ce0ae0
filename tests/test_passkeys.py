"""Passkeys: each signature opens one door, the one it was asked for, for its own account."""

from functools import partial
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection
from django.urls import reverse
from django_otp_webauthn.models import WebAuthnAttestation, WebAuthnCredential

from accounts import ceremonies
from accounts.models import Account, Challenge, Confirmation, Passkey, RecoveryCode
from tests.browser import Browser
from tests.codes import shown_by
from tests.factories import AccountFactory, AuthenticatorFactory
from tests.search import says
from tests.security_key import SecurityKey

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R30")]
AT_ONCE = 20


def at_the_site():
    """A browser that came by the address that passkeys are made for."""
    return Browser(headers={"host": "localhost:8000"})


def say(browser, route, **said):
    return browser.post(reverse(route), said, content_type="application/json")


def register(browser, key, **said):
    """Make a passkey as the page's script does."""
    options = say(browser, "passkey-register-options").json()
    return say(browser, "passkey-register", answer=key.make(options), **{"name": "Key", **said})


def prove(browser, purpose, key, **said):
    """Use a passkey as the page's script does."""
    options = say(browser, f"passkey-{purpose}-options", **said).json()
    return say(browser, f"passkey-{purpose}", answer=key.sign(options), **said)


def is_inside(browser):
    return browser.get(reverse("security")).status_code == 200


def code_of(answer):
    return answer.status_code, answer.json().get("code")


REFUSED = (403, "refused")


@pytest.fixture
def ada():
    """Has an authenticator app."""
    return AuthenticatorFactory(user=AccountFactory(username="Ada")).user


@pytest.fixture
def key(ada):
    """Ada's, already registered."""
    key = SecurityKey()
    assert register(at_the_site().sign_in(ada), key, name="Blue key").status_code == 200
    ada.refresh_from_db()
    return key


@pytest.fixture
def browser(ada, key):
    """Ada's, signed in."""
    return at_the_site().sign_in(ada)


# --- making one -----------------------------------------------------------------------------------
def test_a_passkey_is_made_and_listed_under_its_name(ada):
    browser = at_the_site().sign_in(ada)
    assert register(browser, SecurityKey(), name="Blue key").json() == {"next": reverse("security")}
    assert "Blue key" in browser.get(reverse("security")).content.decode()


def test_a_device_is_asked_to_check_who_uses_it_and_told_the_username(ada):
    options = say(at_the_site().sign_in(ada), "passkey-register-options").json()
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["authenticatorSelection"]["residentKey"] == "preferred"
    assert options["rp"] == {"id": "localhost", "name": "Enigm Command"}
    assert options["user"]["name"] == "Ada"
    assert [each["alg"] for each in options["pubKeyCredParams"]] == [-8, -7]
    assert options["attestation"] == "none"


def test_a_passkey_that_checks_nobody_is_refused(ada):
    browser = at_the_site().sign_in(ada)
    assert code_of(register(browser, SecurityKey(verifies=False))) == REFUSED
    assert not Passkey.objects.exists()


def test_a_passkey_needs_a_name_that_can_be_read(ada):
    browser = at_the_site().sign_in(ada)
    for name in ("", "x" * 41, "a\u202eb", 7 * "\n"):
        assert code_of(register(browser, SecurityKey(), name=name)) == (422, "invalid_name")


def test_a_stale_session_cannot_add_a_passkey(ada):
    browser = at_the_site().sign_in(ada).grow_stale()
    assert code_of(say(browser, "passkey-register-options")) == (403, "stale")
    assert code_of(say(browser, "passkey-register", name="x")) == (403, "stale")
    assert browser.get(reverse("new-passkey")).url.startswith(reverse("confirm-you"))


def test_the_password_alone_adds_no_passkey_beside_a_factor(ada):
    thief = at_the_site()
    thief.force_login(ada)
    assert register(thief, SecurityKey()).json() == {"next": reverse("sign-in-code")}
    assert not Passkey.objects.exists()


def test_adding_one_ends_every_other_session_and_this_one_goes_on(ada):
    browser, other = at_the_site().sign_in(ada), at_the_site().sign_in(ada)
    register(browser, SecurityKey())
    assert is_inside(browser)
    assert not is_inside(other)


def test_the_same_passkey_is_not_taken_twice(browser, key):
    mallory = at_the_site().sign_in(AuthenticatorFactory().user)
    assert code_of(register(mallory, key)) == REFUSED
    assert Passkey.objects.count() == 1


@pytest.mark.requirement("R29")
def test_neither_its_name_nor_its_make_is_kept_in_the_clear(key):
    with connection.cursor() as cursor:
        cursor.execute("SELECT p::text, aaguid, last_used_at FROM accounts_passkey p")
        kept, model, used_at = cursor.fetchone()
    assert not says("Blue", kept)
    assert (model, used_at) == ("", None)
    assert not WebAuthnAttestation.objects.exists()
    assert not WebAuthnCredential.objects.exists()


# --- as the first factor --------------------------------------------------------------------------
@pytest.fixture
def newcomer():
    browser = at_the_site()
    asked = {"username": "grace", "password": "four unrelated words walk in", "email": ""}
    assert browser.post(reverse("sign-up"), asked).url == reverse("second-factor")
    return browser


def test_a_passkey_can_be_the_first_factor(newcomer):
    assert "Make a passkey" in newcomer.get(reverse("second-factor")).content.decode()
    assert register(newcomer, SecurityKey()).json() == {"next": reverse("recovery-codes")}
    assert not is_inside(newcomer)
    assert newcomer.post(reverse("recovery-codes")).url == reverse("servers")
    assert is_inside(newcomer)
    assert RecoveryCode.objects.count() == 10


def test_who_has_only_a_passkey_is_asked_for_no_code(newcomer):
    register(newcomer, key := SecurityKey())
    page = newcomer.get(reverse("sign-in-code")).content.decode()
    assert "Use your passkey" in page
    assert "authenticator app" not in page
    assert prove(newcomer, "sign-in", key).json() == {"next": reverse("servers")}


def test_of_two_who_know_a_new_accounts_password_the_second_one_is_told_to_sign_in(newcomer):
    thief = at_the_site()
    thief.force_login(Account.objects.get(canonical="grace"))
    options = say(thief, "passkey-register-options").json()
    register(newcomer, SecurityKey())
    answer = say(thief, "passkey-register", answer=SecurityKey().make(options), name="x")
    assert answer.status_code in (302, 401)  # signed out, because a factor was set up
    assert Passkey.objects.count() == 1


# --- signing in -----------------------------------------------------------------------------------
def test_a_passkey_signs_in_without_a_name_or_a_password(ada, key):
    browser = at_the_site()
    answer = say(browser, "passkey-sign-in-options").json()
    assert answer["userVerification"] == "required"
    assert answer["allowCredentials"] == []
    assert prove(browser, "sign-in", key).json() == {"next": reverse("servers")}
    assert is_inside(browser)


def test_the_page_that_was_asked_for_comes_next(key):
    browser = at_the_site()
    options = say(browser, "passkey-sign-in-options").json()
    address = reverse("passkey-sign-in", query={"next": "/account/"})
    said = {"answer": key.sign(options)}
    answer = browser.post(address, said, content_type="application/json")
    assert answer.json() == {"next": "/account/"}


def test_after_the_password_only_the_accounts_own_passkeys_do(ada, key):
    stranger = AuthenticatorFactory().user
    register(at_the_site().sign_in(stranger), theirs := SecurityKey())
    browser = at_the_site()
    browser.force_login(ada)
    options = say(browser, "passkey-sign-in-options").json()
    assert len(options["allowCredentials"]) == 1
    assert code_of(say(browser, "passkey-sign-in", answer=theirs.sign(options))) == REFUSED
    assert not is_inside(browser)


def test_signing_in_moves_to_a_new_session_key(ada, key):
    browser = at_the_site()
    say(browser, "passkey-sign-in-options")
    before = browser.session.session_key
    prove(browser, "sign-in", key)
    assert browser.session.session_key != before


def test_a_disabled_account_is_not_let_in(ada, key):
    Account.objects.filter(pk=ada.pk).update(is_active=False)
    assert code_of(prove(at_the_site(), "sign-in", key)) == REFUSED


def test_the_day_of_the_last_use_is_kept_and_not_the_hour(key):
    prove(at_the_site(), "sign-in", key)
    used_at = Passkey.objects.get().last_used_at
    assert (used_at.hour, used_at.minute, used_at.second, used_at.microsecond) == (0, 0, 0, 0)


# --- what does not count --------------------------------------------------------------------------
def bent(**changed):
    """A thief's device, or one that speaks to another site."""

    def bend(key):
        for name, value in changed.items():
            setattr(key, name, value)

    return bend


@pytest.mark.parametrize(
    "bend",
    [
        bent(origin="https://localhost.evil.example"),
        bent(site="evil.example"),
        bent(flags=0x01),  # nobody was checked
        bent(flags=0x04),  # nobody was there
        bent(key=SecurityKey().key),
        bent(id=b"unknown"),
        bent(uses=-1),  # a copy, whose counter stands still
    ],
    ids=["origin", "site", "verified", "present", "key", "id", "counter"],
)
def test_an_answer_that_is_not_this_devices_for_this_site_is_refused(key, bend):
    prove(at_the_site(), "sign-in", key)
    browser = at_the_site()
    bend(key)
    assert code_of(prove(browser, "sign-in", key)) == REFUSED
    assert not is_inside(browser)


@pytest.mark.parametrize(
    "answer",
    [None, 1, [], "x", {}, {"id": 1}, {"id": "a", "rawId": "b", "type": "public-key"}],
    ids=repr,
)
def test_an_answer_of_another_form_is_refused(key, answer):
    browser = at_the_site()
    say(browser, "passkey-sign-in-options")
    assert code_of(say(browser, "passkey-sign-in", answer=answer)) == REFUSED


@pytest.mark.parametrize("part", ["clientDataJSON", "attestationObject"])
@pytest.mark.parametrize("value", ["", "AA", "!", 1, None, {}, "oWNmbXRkbm9uZQ"])
def test_a_new_passkey_of_another_form_is_refused(ada, part, value):
    browser = at_the_site().sign_in(ada)
    answer = SecurityKey().make(say(browser, "passkey-register-options").json())
    answer["response"][part] = value
    assert code_of(say(browser, "passkey-register", answer=answer, name="x")) == REFUSED


@pytest.mark.parametrize("part", ["clientDataJSON", "authenticatorData", "signature"])
@pytest.mark.parametrize("value", ["", "AA", "!", 1, None, {}, "e30", "AAAA" * 20])
def test_a_signature_of_another_form_is_refused(key, part, value):
    browser = at_the_site()
    answer = key.sign(say(browser, "passkey-sign-in-options").json())
    answer["response"][part] = value
    assert code_of(say(browser, "passkey-sign-in", answer=answer)) == REFUSED


@pytest.mark.parametrize("body", ["[]", "1", "{", '{"answer": 1, "answer": 2}'])
def test_a_body_of_another_form_is_refused(key, body):
    address = reverse("passkey-sign-in")
    assert at_the_site().post(address, body, content_type="application/json").status_code == 400


def test_a_challenge_of_another_browser_does_not_count(key):
    options = say(at_the_site(), "passkey-sign-in-options").json()
    browser = at_the_site()
    say(browser, "passkey-sign-in-options")
    assert code_of(say(browser, "passkey-sign-in", answer=key.sign(options))) == REFUSED


def test_a_challenge_for_one_purpose_serves_no_other(browser, key):
    options = say(browser, "passkey-confirm-options").json()
    assert code_of(say(browser, "passkey-sign-in", answer=key.sign(options))) == REFUSED


def test_a_challenge_is_answered_within_five_minutes(key):
    browser = at_the_site()
    options = say(browser, "passkey-sign-in-options").json()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_challenge SET made_at = made_at - interval '5 minutes'")
    assert code_of(say(browser, "passkey-sign-in", answer=key.sign(options))) == REFUSED
    assert Challenge.objects.over().count() == 1


def test_a_wrong_answer_uses_the_challenge_up(key):
    browser = at_the_site()
    options = say(browser, "passkey-sign-in-options").json()
    say(browser, "passkey-sign-in", answer=SecurityKey().sign(options))
    assert not Challenge.objects.exists()
    assert code_of(say(browser, "passkey-sign-in", answer=key.sign(options))) == REFUSED


def test_at_another_address_people_are_told_where_passkeys_work(key):
    told = say(Browser(), "passkey-sign-in-options")
    assert code_of(told) == (409, "elsewhere")
    assert "http://localhost:8000" in told.json()["detail"]


# --- confirming -----------------------------------------------------------------------------------
def test_a_passkey_is_a_fresh_factor(browser, key):
    browser.grow_stale()
    assert browser.get(reverse("new-passkey")).status_code == 302
    before = browser.session.session_key
    assert prove(browser, "confirm", key).json() == {}
    assert browser.session.session_key != before
    assert browser.get(reverse("new-passkey")).status_code == 200


def test_a_passkey_confirms_exactly_one_act(ada, browser, key):
    this, other = (Confirmation.objects.offer(ada, "delete", part) for part in "ab")
    assert prove(browser, "confirm", key, confirmation=str(this.pk)).json() == {}
    this.refresh_from_db()
    other.refresh_from_db()
    assert this.proved_at
    assert not other.proved_at


def test_a_signature_asked_for_one_act_confirms_no_other(ada, browser, key):
    this, other = (Confirmation.objects.offer(ada, "delete", part) for part in "ab")
    options = say(browser, "passkey-confirm-options", confirmation=str(this.pk)).json()
    answer = key.sign(options)
    refused = say(browser, "passkey-confirm", confirmation=str(other.pk), answer=answer)
    assert code_of(refused) == REFUSED
    other.refresh_from_db()
    assert not other.proved_at


def test_nobody_confirms_what_another_was_asked(ada, browser, key):
    theirs = Confirmation.objects.offer(AccountFactory(), "delete", "a")
    for number in (str(theirs.pk), str(uuid4()), "x", 7):
        refused = say(browser, "passkey-confirm-options", confirmation=number)
        assert code_of(refused) == REFUSED


def test_a_passkey_that_was_removed_confirms_nothing(ada, browser, key):
    options = say(browser, "passkey-confirm-options").json()
    Passkey.objects.all().delete()
    assert code_of(say(browser, "passkey-confirm", answer=key.sign(options))) == REFUSED


# --- at once --------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_replay_one_signature_at_once_one_gets_in(elsewhere, ada, key):
    first = at_the_site()
    key.uses = -1  # as passkeys that are copied between devices: they count nothing
    answer = key.sign(say(first, "passkey-sign-in-options").json())
    asked = dict(first.session)
    at_once = Barrier(AT_ONCE, timeout=30)

    def replay(browser):
        at_once.wait()
        return say(browser, "passkey-sign-in", answer=answer).status_code == 200

    browsers = [at_the_site().remember(**asked) for _ in range(AT_ONCE)]
    answers = [elsewhere(partial(replay, browser)) for browser in browsers]
    assert sum(answer.result() for answer in answers) == 1
    assert ceremonies.ASKED in asked


def test_the_authenticators_code_still_signs_in_beside_a_passkey(ada, key):
    browser = at_the_site()
    browser.force_login(ada)
    device = ada.encryptedtotpdevice_set.get()
    assert "Use a passkey" in browser.get(reverse("sign-in-code")).content.decode()
    assert browser.post(reverse("sign-in-code"), {"code": shown_by(device)}).status_code == 302
