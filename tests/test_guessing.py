"""Guessing at names, passwords and codes: it tells nothing, it ends soon, and it locks out nobody
but who does it.
"""

import itertools

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from django.urls import reverse

from accounts.models import Account, EncryptedTOTPDevice, Notice, RecoveryDevice
from accounts.notices import Kind
from enigm_command.lib.throttle import HOUR, LIMITS, Limit
from tests.browser import Browser
from tests.codes import fresh_code, wrong_code
from tests.factories import PASSWORD, AccountFactory, AuthenticatorFactory
from tests.oracle import apart, told

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R5", "R30")]
GUESS = "not the password"
NO_CODE = "ABCD " * 6
AT_HOME = {"REMOTE_ADDR": "203.0.113.5"}
OFTEN = {  # the same order as in the product, with fewer passwords to hash
    "sign-in": Limit(3, 10 * HOUR),
    "sign-in-account": Limit(6, 10 * HOUR),
    "sign-in-network": Limit(5, 10 * HOUR),
    "recovery-code": Limit(3, 10 * HOUR),
    "sign-up": Limit(2, 10 * HOUR),
}


@pytest.fixture
def few(monkeypatch):
    """Buckets that are full soon, and drain slowly."""
    for name, limit in OFTEN.items():
        monkeypatch.setitem(LIMITS, name, limit)


@pytest.fixture
def browser():
    return Browser()


@pytest.fixture
def ada():
    """Has an account and an authenticator app."""
    return AuthenticatorFactory(user=AccountFactory(username="Ada")).user


def networks():
    """Addresses, each in a network of its own."""
    return ({"REMOTE_ADDR": f"198.51.{number}.7"} for number in itertools.count())


def give_password(browser, username, password=GUESS, **here):
    typed = {"username": username, "password": password}
    return browser.post(reverse("sign-in"), typed, **here)


def give_recovery_code(browser, code, password=PASSWORD, username="ada", **here):
    typed = {"username": username, "password": password, "code": code}
    return browser.post(reverse("sign-in-recovery-code"), typed, **here)


# --- nothing is told ------------------------------------------------------------------------------
def by_password(browser, username, password, here):
    return give_password(browser, username, password, **here)


def by_recovery_code(browser, username, password, here):
    return give_recovery_code(browser, NO_CODE, password, username, **here)


CASES = (("ada", GUESS), ("nobody", GUESS), ("gone", GUESS), ("gone", PASSWORD))


@pytest.mark.parametrize("way_in", [by_password, by_recovery_code])
def test_a_refusal_does_not_say_whether_the_account_exists(browser, ada, way_in):
    AccountFactory(username="gone", is_active=False)
    here = networks()
    answers = [told(way_in(browser, *case, next(here)), case[0]) for case in CASES]
    assert [answers[0]] * 4 == answers
    assert "is wrong." in answers[0][2]
    assert SESSION_KEY not in browser.session


def test_a_refusal_takes_as_long_whatever_its_reason(browser, ada, monkeypatch):
    """Loose on purpose: whoever skips the hashing of a password is quicker by ten times."""
    monkeypatch.setattr(Argon2PasswordHasher, "memory_cost", 102_400)  # KiB, as in a production
    AccountFactory(username="gone", is_active=False)
    Account.objects.update(password=make_password(PASSWORD))
    here = networks()
    tries = {case: lambda case=case: by_password(browser, *case, next(here)) for case in CASES}
    assert apart(tries, rounds=5) < 2


def test_the_answer_to_too_many_guesses_is_the_same_for_every_name(browser, ada, few):
    AccountFactory(username="gone", is_active=False)
    answers = []
    for name in ("ada", "nobody", "gone"):
        for here in itertools.islice(networks(), 6):
            assert give_password(browser, name, **here).status_code == 200
        status, headers, body = told(give_password(browser, name, PASSWORD, **AT_HOME), name)
        del headers["Retry-After"]  # as long ago as the first guess was
        answers.append((status, headers, body))
    assert [answers[0]] * 3 == answers
    assert answers[0][0] == 429


# --- it ends soon ---------------------------------------------------------------------------------
@pytest.mark.parametrize("username", ["ada", "nobody"])
def test_guesses_from_one_network_end_there_and_nowhere_else(browser, ada, few, username):
    answers = [give_password(browser, username) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200] * 3 + [429]
    assert "Please wait 200 minutes" in answers[-1].content.decode()
    assert 11_700 < int(answers[-1].headers["Retry-After"]) <= 12_000
    assert give_password(browser, username, PASSWORD).status_code == 429
    answer = give_password(Browser(), "ada", PASSWORD, **AT_HOME)
    assert answer.url == reverse("sign-in-code")


def test_one_network_cannot_try_many_names(browser, few):
    answers = [give_password(browser, f"nobody{number}").status_code for number in range(6)]
    assert answers == [200] * 5 + [429]


def test_codes_are_guessed_at_no_faster(browser, ada):
    device = EncryptedTOTPDevice.objects.get(user=ada)
    browser.force_login(ada)
    wrong = {"code": wrong_code(device)}
    answers = [browser.post(reverse("sign-in-code"), wrong).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]

    owner, typed = Browser(), {"code": fresh_code(ada)}
    owner.force_login(ada)
    assert owner.post(reverse("sign-in-code"), typed, **AT_HOME).url == reverse("servers")


def test_who_mistypes_and_then_signs_in_begins_anew(browser, ada, few):
    for _ in range(2):
        assert give_password(browser, "ada").status_code == 200
        assert give_password(browser, "ada", PASSWORD).url == reverse("sign-in-code")


def test_new_accounts_are_not_made_without_end(few):
    typed = [{"username": f"nora{number}", "password": PASSWORD} for number in range(3)]
    answers = [Browser().post(reverse("sign-up"), each).status_code for each in typed]
    assert answers == [302, 302, 429]
    assert Account.objects.count() == 2


# --- it locks out nobody else ---------------------------------------------------------------------
def guess_from_everywhere(browser, username):
    """The answer to the first guess too many, by whoever commands many networks."""
    return [give_password(browser, username, **here) for here in itertools.islice(networks(), 7)][
        -1
    ]


def test_an_account_that_many_networks_guess_at_is_closed_to_passwords_alone(browser, ada, few):
    codes = RecoveryDevice.objects.renew(ada)
    assert guess_from_everywhere(browser, "ada").status_code == 429
    page = give_password(browser, "ada", PASSWORD, **AT_HOME)
    assert page.status_code == 429
    assert f'href="{reverse("sign-in-recovery-code")}"' in page.content.decode()
    assert give_recovery_code(browser, codes[0], **AT_HOME).url == reverse("servers")


def test_the_owner_is_told_once_a_day_that_somebody_keeps_guessing(browser, ada, few):
    for name in ("ada", "nobody", "ada"):
        guess_from_everywhere(browser, name)
    assert [(each.kind, each.account) for each in Notice.objects.all()] == [
        (Kind.SIGN_IN_FAILED_OFTEN, ada)
    ]


def test_wrong_recovery_codes_keep_nobody_out_who_has_a_right_one(browser, ada, few):
    code = RecoveryDevice.objects.renew(ada)[0]
    answers = [give_recovery_code(browser, NO_CODE).status_code for _ in range(4)]
    assert answers == [200] * 3 + [429]
    assert give_recovery_code(browser, code).url == reverse("servers")


def test_who_found_the_paper_guesses_at_the_password_no_faster(browser, ada, few):
    code = RecoveryDevice.objects.renew(ada)[0]
    tries = itertools.islice(networks(), 4)
    answers = [give_recovery_code(browser, code, GUESS, **here).status_code for here in tries]
    assert answers == [200] * 3 + [429]
