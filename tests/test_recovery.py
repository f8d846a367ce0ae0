"""A forgotten password: a recovery code sets a new one, and nothing else gets easier by it."""

import re
from functools import partial
from threading import Barrier

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.factors import EncryptedTOTPDevice, RecoveryCode, RecoveryDevice
from accounts.models import Account, Notice, Recovery
from accounts.views.recovery import REFUSED
from tests.browser import Browser
from tests.codes import fresh_code, shown_by
from tests.factories import PASSWORD, AccountFactory, AuthenticatorFactory
from tests.recoveries import NEW, begin, masked, said, shown

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R30")]
AT_ONCE = 20


@pytest.fixture
def ada():
    """Somebody with an authenticator app, who has forgotten the password."""
    return AuthenticatorFactory(user=AccountFactory(username="ada")).user


@pytest.fixture
def paper(ada):
    """Her recovery codes."""
    return RecoveryDevice.objects.renew(ada)


def reset(name, code, password=NEW, browser=None):
    typed = {"username": name, "code": code, "password": password}
    return (browser or Browser()).post(reverse("password-reset"), typed)


def first_step(name, password):
    browser = Browser()
    browser.post(reverse("sign-in"), {"username": name, "password": password})
    return browser


# --- what it does ---------------------------------------------------------------------------------
def test_a_recovery_code_sets_a_new_password(ada, paper):
    answer = reset("Ada", paper[0])

    ada.refresh_from_db()
    assert "Your password is new" in answer.content.decode()
    assert ada.check_password(NEW)
    assert not ada.check_password(PASSWORD)


def test_it_signs_nobody_in_and_the_second_factor_is_still_asked(ada, paper):
    browser = Browser()
    reset("ada", paper[0], browser=browser)
    assert browser.get(reverse("servers")).status_code == 302
    assert EncryptedTOTPDevice.objects.in_use(ada)

    browser = first_step("ada", NEW)
    assert browser.get(reverse("servers")).url == reverse("sign-in-code")
    code = {"code": shown_by(EncryptedTOTPDevice.objects.in_use(ada))}
    assert browser.post(reverse("sign-in-code"), code).url == reverse("servers")


def test_the_same_paper_is_not_the_second_factor_too(ada, paper):
    reset("ada", paper[0])

    typed = {"username": "ada", "password": NEW, "code": paper[1]}
    answer = Browser().post(reverse("sign-in-recovery-code"), typed)
    assert answer.status_code == 200
    assert not RecoveryCode.objects.filter(device__user=ada).exists()


def test_all_sessions_end(ada, paper):
    elsewhere = Browser().sign_in(ada)
    assert elsewhere.get(reverse("account")).status_code == 200
    reset("ada", paper[0])

    assert elsewhere.get(reverse("account")).url.startswith(reverse("sign-in"))


def test_the_account_is_told(ada, paper):
    reset("ada", paper[0])

    kinds = set(Notice.objects.filter(account=ada).values_list("kind", flat=True))
    assert {"password_changed", "recovery_code_used"} <= kinds


@pytest.mark.parametrize("password", ["short", "ada ada ada ada", "password1234"])
def test_a_weak_password_is_refused_and_spends_no_code(ada, paper, password):
    answer = reset("ada", paper[0], password)

    assert answer.status_code == 200
    assert RecoveryCode.objects.filter(device__user=ada).count() == len(paper)
    assert reset("ada", paper[0]).status_code == 200
    ada.refresh_from_db()
    assert ada.check_password(NEW)


# --- what it does not tell ------------------------------------------------------------------------
def test_a_wrong_code_and_an_unknown_name_are_answered_alike(ada, paper):
    code = paper[0][:-1] + ("A" if paper[0][-1] != "A" else "B")
    known, unknown = reset("ada", code), reset("nobody", code)

    assert REFUSED in known.content.decode()
    assert said(known) == said(unknown)


def test_a_used_code_is_answered_like_a_wrong_one(ada, paper):
    reset("ada", paper[0])
    used, unknown = reset("ada", paper[0]), reset("nobody", paper[0])

    assert said(used) == said(unknown)


def test_a_closed_account_is_answered_like_none(ada, paper):
    Account.objects.filter(pk=ada.pk).update(is_active=False)

    assert said(reset("ada", paper[0])) == said(reset("nobody", paper[0]))
    ada.refresh_from_db()
    assert ada.check_password(PASSWORD)


def test_the_same_is_asked_of_the_database_for_every_name(ada, paper):
    """What takes time is the same, and so is the time: no hash is made for a wrong code."""
    asked = {}
    for name in ("ada", "nobody"):
        with CaptureQueriesContext(connection) as captured:
            reset(name, "WRONG")
        with CaptureQueriesContext(connection) as begun:
            begin(name)
        asked[name] = [shape(query["sql"]) for query in (*captured, *begun)]

    assert asked["ada"] == asked["nobody"]


def shape(sql):
    """A statement without its values."""
    return re.sub(r"\bs\d+_x\d+\b|'[^']*'(::\w+)?|\bNULL\b|\b\d+\b", "?", sql)


@pytest.mark.django_db(transaction=True)
def test_of_twenty_posts_of_one_code_one_sets_the_password(elsewhere):
    ada = AuthenticatorFactory(user=AccountFactory(username="ada")).user
    code = RecoveryDevice.objects.renew(ada)[0]
    at_once = Barrier(AT_ONCE)

    def post(number):
        at_once.wait()
        return "Your password is new" in reset("ada", code, f"{NEW} {number}").content.decode()

    answers = [elsewhere(partial(post, number)) for number in range(AT_ONCE)]
    won = [number for number, answer in enumerate(answers) if answer.result()]

    ada.refresh_from_db()
    assert len(won) == 1
    assert ada.check_password(f"{NEW} {won[0]}")


# --- tries ----------------------------------------------------------------------------------------
def test_guesses_are_counted_and_the_owner_passes_them_all(ada, paper):
    tries = [reset("ada", "WRONG").status_code for _ in range(25)]
    assert tries[0] == 200
    assert tries[-1] == 429

    assert "Your password is new" in reset("ada", paper[0]).content.decode()


def test_recoveries_are_not_begun_without_end():
    tries = [begin("ada").status_code for _ in range(20)]

    assert tries[-1] == 429
    assert Recovery.objects.count() == tries.count(200)


# --- everything lost: the beginning ---------------------------------------------------------------
def test_a_recovery_begins_alike_for_a_name_that_nobody_has(ada):
    known, unknown = begin("ada"), begin("nobody")

    assert masked(known) == masked(unknown)
    assert [recovery.account for recovery in Recovery.objects.order_by("begun_at")] == [ada, None]


def test_its_key_opens_the_same_page_for_both(ada):
    pages = []
    for name in ("ada", "nobody"):
        key, _ = shown(begin(name))
        answer = Browser().post(reverse("recovery"), {"key": key})
        pages.append(said(answer))

    assert pages[0] == pages[1]
    assert "Nobody has vouched yet" in pages[0][1]


def test_beginning_changes_nothing_for_the_account(ada):
    session = Browser().sign_in(ada)
    begin("ada")

    assert session.get(reverse("account")).status_code == 200
    assert not Notice.objects.filter(account=ada).exists()


def test_key_and_spoken_code_are_kept_only_as_digests(ada):
    key, spoken = shown(begin("ada"))

    row = Recovery.objects.values().get(account=ada)
    kept = " ".join(str(bytes(v) if isinstance(v, memoryview) else v) for v in row.values())
    assert key not in kept
    assert spoken not in kept


def test_a_mistyped_key_is_told_before_anything_is_looked_up(django_assert_num_queries):
    key, _ = shown(begin("ada"))
    wrong = key[:-1] + ("2" if key[-1] != "2" else "3")
    with django_assert_num_queries(0):
        answer = Browser().post(reverse("recovery"), {"key": wrong})
    assert "typing error" in answer.content.decode()


@pytest.mark.parametrize(
    "route", ["recover", "password-reset", "recovery-begin", "recovery", "stop-paying"]
)
def test_the_way_back_in_is_open_to_everyone(route):
    assert Browser().get(reverse(route)).status_code == 200


def test_signing_in_afterwards_takes_a_right_code(ada, paper):
    reset("ada", paper[0])

    browser = first_step("ada", NEW)
    wrong = {"code": "000000"}
    assert browser.post(reverse("sign-in-code"), wrong).status_code == 200
    right = {"code": fresh_code(ada)}
    assert browser.post(reverse("sign-in-code"), right).status_code == 302
