"""The second factor: each code opens one door, and a copy of the database holds none."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.client import HTTPConnection
from threading import Barrier
from urllib.parse import urlencode, urlsplit

import pytest
from django.conf import settings as project
from django.db import connection
from django.test import RequestFactory
from django.urls import reverse
from django_otp import match_token, verify_token

from accounts import stepup
from accounts.factors import RecoveryCode, RecoveryDevice, Superseded
from accounts.models import Account, EncryptedTOTPDevice, Session
from enigm_command.lib import throttle
from tests.browser import Browser
from tests.codes import fresh_code, shown_by, wrong_code
from tests.factories import PASSWORD, AccountFactory, AuthenticatorFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R30")]
AT_ONCE = 20


@pytest.fixture
def device():
    """The authenticator app of somebody who also has recovery codes."""
    return AuthenticatorFactory()


@pytest.fixture
def ada(device):
    return device.user


@pytest.fixture
def recovery_codes(ada):
    return RecoveryDevice.objects.renew(ada)


def after_password(account):
    browser = Browser()
    browser.force_login(account)
    browser.typed = {"username": account.username, "password": PASSWORD}
    return browser


def give(browser, code, route="sign-in-code"):
    return browser.post(reverse(route), {**browser.typed, "code": code})


def is_let_in(answer):
    return answer.status_code == 302 and answer.url == reverse("servers")


# --- codes by time --------------------------------------------------------------------------------
def test_a_code_is_good_once(ada, device):
    code = shown_by(device)
    assert is_let_in(give(after_password(ada), code))
    answer = give(after_password(ada), code)
    assert stepup.REFUSED in answer.content.decode()


def test_spaces_in_a_code_are_forgiven(ada, device):
    code = shown_by(device)
    assert is_let_in(give(after_password(ada), f" {code[:3]} {code[3:]} "))


class Wire:
    """A session's connection to a server that answers over HTTP, as the forms of its pages do."""

    def __init__(self, address, session_key=""):
        self.address, token = urlsplit(address), "t" * 32
        self.token = {"csrfmiddlewaretoken": token}
        cookies = {project.CSRF_COOKIE_NAME: token, project.SESSION_COOKIE_NAME: session_key}
        self.headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        }

    def post(self, path, **typed):
        """The status, and where the answer leads."""
        connection = HTTPConnection(self.address.hostname, self.address.port, timeout=60)
        connection.request("POST", path, urlencode(typed | self.token), self.headers)
        answer = connection.getresponse()
        connection.close()
        return answer.status, answer.headers.get("Location")


def let_in_of_twenty(wires, path, **typed):
    """How many of twenty, each posting the same at the same moment, get in."""
    at_once = Barrier(len(wires), timeout=60)

    def post(wire):
        at_once.wait()
        return wire.post(path, **typed) == (302, reverse("servers"))

    with ThreadPoolExecutor(len(wires)) as pool:
        return sum(pool.map(post, wires))


@pytest.fixture
def unthrottled(monkeypatch):
    """Nothing but the lock of the device's row stands between one code and twenty doors."""
    for name in throttle.LIMITS:
        monkeypatch.setitem(throttle.LIMITS, name, throttle.Limit(1000, timedelta(hours=1)))


@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_post_one_code_at_once_one_gets_in(live_server, unthrottled, ada, device):
    keys = [after_password(ada).session.session_key for _ in range(AT_ONCE)]
    wires = [Wire(live_server.url, key) for key in keys]
    assert let_in_of_twenty(wires, reverse("sign-in-code"), code=shown_by(device)) == 1


@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_post_one_recovery_code_at_once_one_gets_in(
    live_server, unthrottled, ada, recovery_codes
):
    wires = [Wire(live_server.url) for _ in range(AT_ONCE)]
    typed = {"username": ada.username, "password": PASSWORD, "code": recovery_codes[0]}
    assert let_in_of_twenty(wires, reverse("sign-in-recovery-code"), **typed) == 1


def test_after_a_wrong_code_even_the_right_one_has_to_wait(ada, device):
    browser = after_password(ada)
    for _ in range(2):
        give(browser, wrong_code(device))
        rewind(device, seconds=10)
    page = give(browser, wrong_code(device)).content.decode()
    assert "<title>Error: Enter your code" in page
    assert "That code was not accepted. Try again in 4 seconds." in page
    assert not is_let_in(give(browser, shown_by(device)))
    rewind(device, seconds=10)
    assert is_let_in(give(browser, shown_by(device)))


def rewind(device, *, seconds):
    """As if the last wrong code had been typed that much earlier."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_encryptedtotpdevice SET throttling_failure_timestamp ="
            " throttling_failure_timestamp - make_interval(secs => %s) WHERE id = %s",
            [seconds, device.pk],
        )


def test_what_is_no_code_is_not_an_attempt(ada, device):
    browser = after_password(ada)
    for typed in ("", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "1" * 17):
        assert give(browser, typed).status_code == 200
    assert is_let_in(give(browser, shown_by(device)))


def test_a_code_of_another_account_opens_nothing(ada, device):
    assert not is_let_in(give(after_password(AuthenticatorFactory().user), shown_by(device)))


def test_a_seed_that_does_not_open_is_a_refusal_and_no_error(ada, device):
    code = shown_by(device)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_encryptedtotpdevice SET seed ="
            " (SELECT seed FROM accounts_encryptedtotpdevice WHERE id = %s) WHERE id = %s",
            [AuthenticatorFactory().pk, device.pk],
        )
    assert match_token(ada, code) is None


def test_an_app_whose_clock_runs_ahead_is_followed(ada, device):
    EncryptedTOTPDevice.objects.filter(pk=device.pk).update(drift=-1)
    assert match_token(ada, shown_by(device))
    device.refresh_from_db()
    assert device.drift == 0


# --- recovery codes -------------------------------------------------------------------------------
def test_a_recovery_code_works_once_however_it_is_typed(ada, recovery_codes):
    typed = recovery_codes[0].lower().replace(" ", "-")
    assert is_let_in(give(after_password(ada), typed, "sign-in-recovery-code"))
    answer = give(after_password(ada), recovery_codes[0], "sign-in-recovery-code")
    assert "or the recovery code is wrong" in answer.content.decode()
    assert is_let_in(give(after_password(ada), recovery_codes[1], "sign-in-recovery-code"))
    assert RecoveryCode.objects.count() == 8


def test_guesses_at_the_code_never_lock_out_a_recovery_code(ada, device, recovery_codes):
    stranger = after_password(ada)
    for _ in range(5):
        give(stranger, wrong_code(device))
        give(stranger, "WRONG " * 4, "sign-in-recovery-code")
    assert is_let_in(give(after_password(ada), recovery_codes[0], "sign-in-recovery-code"))


def test_a_mistyped_recovery_code_is_no_attempt_at_the_app(ada, device, recovery_codes):
    browser = after_password(ada)
    give(browser, shown_by(device), "sign-in-recovery-code")
    give(browser, "x", "sign-in-recovery-code")
    assert is_let_in(give(browser, shown_by(device)))


def test_a_recovery_code_of_another_account_opens_nothing(recovery_codes):
    mallory = AuthenticatorFactory().user
    RecoveryDevice.objects.renew(mallory)
    answer = give(after_password(mallory), recovery_codes[0], "sign-in-recovery-code")
    assert not is_let_in(answer)
    assert RecoveryCode.objects.count() == 20


def test_new_codes_need_a_fresh_factor_and_replace_the_earlier_ones(ada, recovery_codes):
    browser, other = Browser().sign_in(ada).grow_stale(), Browser().sign_in(ada)
    assert browser.post(reverse("new-recovery-codes")).url.startswith(reverse("confirm-you"))
    browser.post(reverse("confirm-you"), {"code": fresh_code(ada)})
    assert browser.post(reverse("new-recovery-codes")).url == reverse("recovery-codes")
    page = browser.get(reverse("recovery-codes")).content.decode()
    assert not any(code in page for code in recovery_codes)
    assert browser.post(reverse("recovery-codes")).url == reverse("security")

    assert other.get(reverse("account")).status_code == 302  # signed out: a factor changed
    late = give(after_password(refreshed(ada)), recovery_codes[1], "sign-in-recovery-code")
    assert not is_let_in(late)


def refreshed(account):
    return Account.objects.get(pk=account.pk)


# --- setting up -----------------------------------------------------------------------------------
def test_nobody_else_is_shown_the_seed_that_was_set_up():
    """Who knew the password first saw another seed than the one that came into use."""
    account = AccountFactory()
    first = EncryptedTOTPDevice.objects.begin(account)
    second = EncryptedTOTPDevice.objects.begin(account)
    assert first.seed != second.seed
    with pytest.raises(Superseded):
        first.confirm()


def test_a_second_authenticator_cannot_slip_in(ada):
    pending = EncryptedTOTPDevice.objects.begin(ada)
    with pytest.raises(Superseded):
        pending.confirm()
    assert verify_token(ada, pending.persistent_id, wrong_code(pending)) is None
    assert EncryptedTOTPDevice.objects.filter(user=ada, confirmed=True).count() == 1


def test_an_authenticator_that_was_not_confirmed_opens_nothing(ada):
    pending = EncryptedTOTPDevice.objects.begin(ada)
    assert match_token(ada, shown_by(pending)) is None


def test_setting_up_ends_the_sessions_of_whoever_else_knew_the_password():
    account = AccountFactory()
    stranger = after_password(account)
    EncryptedTOTPDevice.objects.begin(account).confirm()
    assert stranger.get(reverse("second-factor")).url.startswith(reverse("sign-in"))


def test_a_session_whose_set_up_was_begun_anew_elsewhere_starts_over():
    browser = after_password(AccountFactory())
    assert browser.get(reverse("second-factor")).url == reverse("sign-in")
    assert "Sign in again" in browser.get(reverse("sign-in")).content.decode()


def test_a_wrong_code_leaves_the_set_up_as_it_was():
    account = AccountFactory()
    browser = after_password(account)
    device = EncryptedTOTPDevice.objects.begin(account)
    session = browser.session
    session["pending"] = device.persistent_id
    session.save()
    page = give(browser, wrong_code(device), "second-factor").content.decode()
    assert "<title>Error: Set up your second factor" in page
    assert not EncryptedTOTPDevice.objects.get(pk=device.pk).confirmed


# --- the act that cannot be taken back ------------------------------------------------------------
@pytest.fixture
def request_of_ada(ada):
    request = RequestFactory().post("/")
    request.user, request.session = ada, Browser().sign_in(ada).session
    return request


def test_a_step_up_takes_a_fresh_code_once_and_changes_the_session_key(request_of_ada, device):
    before, code = request_of_ada.session.session_key, shown_by(device)
    assert stepup.verify(request_of_ada, code)
    assert request_of_ada.session.session_key != before
    assert not stepup.verify(request_of_ada, code)
    assert stepup.refusal(request_of_ada) == stepup.REFUSED


def test_a_step_up_takes_no_recovery_code_and_leaves_it_unused(request_of_ada, recovery_codes):
    assert not stepup.verify(request_of_ada, recovery_codes[0])
    assert RecoveryCode.objects.count() == 10


# --- at rest --------------------------------------------------------------------------------------
@pytest.mark.requirement("R29")
def test_neither_seed_nor_recovery_code_stands_in_the_database(device, ada):
    browser = Browser().sign_in(ada)
    browser.post(reverse("new-recovery-codes"), {"code": shown_by(device)})
    codes = browser.session["recovery_codes"]  # they wait there until they are said to be saved
    assert len(codes) == 10
    kept = everything()
    secrets = [device.seed, *codes, *(code.replace(" ", "") for code in codes)]
    for secret in secrets:
        assert secret not in kept
        assert secret.encode().hex() not in kept  # as a column of bytes would show it


def everything():
    """The text of every row that this app and its sessions keep."""
    models = (Account, EncryptedTOTPDevice, RecoveryDevice, RecoveryCode, Session)
    texts = []
    with connection.cursor() as cursor:
        for model in models:
            cursor.execute(
                f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {model._meta.db_table} t"
            )
            texts += cursor.fetchone()
    return "\n".join(texts)


def test_recovery_codes_cannot_be_guessed(recovery_codes):
    assert len(set(recovery_codes)) == 10
    assert all(len(code.replace(" ", "")) * 5 >= 112 for code in recovery_codes)
