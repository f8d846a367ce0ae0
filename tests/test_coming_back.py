"""Everything lost: three days after somebody vouched, a key opens the account once."""

from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django_otp import devices_for_user

from accounts.factors import EncryptedTOTPDevice
from accounts.models import Recovery
from accounts.recovery import DELAY, KEY, LASTS, SPOKEN, WAITS, NotDue
from enigm_command.lib import clock
from servers.actions import call_off_recovery, finish_recovery
from tests.browser import Browser
from tests.factories import (
    RecoveryFactory,
)
from tests.recoveries import (
    NEW,
    OVER,
    app_code,
    begin,
    begun,
    browser_of,
    come_back,
    confirm,
    enter,
    is_back,
    new_way_in,
    opens_nothing,
    page,
    said,
    say,
    vouched,
)
from tests.support import actions_of, excused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R5", "R30")]
AT_ONCE = 20


# --- the whole way --------------------------------------------------------------------------------
def test_who_lost_everything_comes_back_three_days_after_somebody_vouched(server, lost, oren):
    key, spoken = begun()
    browser = browser_of(oren)
    review = say(browser, server, spoken.lower()).url
    assert "Vouch for ada" in browser.get(review).content.decode()
    assert confirm(browser, review, oren.warrant.account).url == page("vouching", server)

    assert "The recovery waits" in enter(key).content.decode()
    assert not is_back(come_back(key))
    recovery = Recovery.objects.get(account=lost)
    assert recovery.due_at - recovery.vouched_at == timedelta(hours=72)


def test_coming_back_replaces_the_password_and_every_factor(server, lost, oren):
    old = EncryptedTOTPDevice.objects.in_use(lost)
    session = Browser().sign_in(lost)
    _, key = vouched(lost, oren, OVER)
    answer = come_back(key)

    lost.refresh_from_db()
    assert is_back(answer)
    assert len(answer.context["codes"]) == 10
    assert lost.check_password(NEW)
    assert EncryptedTOTPDevice.objects.in_use(lost).pk != old.pk
    assert len(list(devices_for_user(lost))) == 2  # the new app, and the new recovery codes
    assert session.get(reverse("account")).status_code == 302


def test_coming_back_signs_nobody_in(server, lost, oren):
    _, key = vouched(lost, oren, OVER)
    browser = Browser()
    seed = browser.post(reverse("recovery"), {"key": key})
    typed = {"key": key, "seed": seed.context["form"].initial["seed"], "password": NEW}
    assert is_back(browser.post(reverse("recovery-finish"), {**typed, "code": app_code(seed)}))

    assert browser.get(reverse("servers")).url.startswith(reverse("sign-in"))


def test_no_page_with_a_secret_is_kept_by_a_browser(lost, oren):
    _, key = vouched(lost, oren, OVER)
    begun = begin("ada")
    for answer in (begun, enter(key), come_back(key)):
        assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(("password", "code"), [("short", None), (NEW, "000000")])
def test_a_slip_on_the_last_page_uses_nothing_up(lost, oren, password, code):
    _, key = vouched(lost, oren, OVER)
    assert not is_back(come_back(key, password, code))
    assert Recovery.objects.get(account=lost).done_at is None

    assert is_back(come_back(key))


def test_a_seed_of_ones_own_is_not_taken(lost, oren):
    _, key = vouched(lost, oren, OVER)
    typed = {"key": key, "seed": "JBSWY3DPEHPK3PXP", "password": NEW, "code": "123456"}

    assert opens_nothing(Browser().post(reverse("recovery-finish"), typed))


# --- three days -----------------------------------------------------------------------------------
def test_nobody_comes_back_a_second_too_early(lost, oren):
    recovery, key = vouched(lost, oren, DELAY - timedelta(seconds=5))
    assert not is_back(come_back(key))

    with pytest.raises(NotDue):
        finish_recovery(recovery, oren.warrant.server, new_way_in(), by=oren)
    assert EncryptedTOTPDevice.objects.filter(user=lost).count() == 1


@pytest.mark.parametrize(
    "shorter",
    [
        {"due_at": clock.ClockNow()},
        {"vouched_at": clock.ClockNow() - OVER, "due_at": clock.ClockNow()},
        {"vouched_at": None, "due_at": None, "server_id": None},
        {"done_at": clock.ClockNow()},
        {"done_at": clock.ClockNow() + OVER},
        {"account": None},
    ],
)
def test_no_program_shortens_the_delay(lost, oren, mallory, shorter):
    recovery, _ = vouched(lost, oren)
    with pytest.raises(IntegrityError), excused():
        Recovery.objects.filter(pk=recovery.pk).update(**shorter)


def test_no_program_backdates_the_vouching(lost, oren):
    recovery = RecoveryFactory(account=lost)
    long_ago = clock.now() - OVER
    with pytest.raises(IntegrityError, match="delay"), excused():
        Recovery.objects.filter(pk=recovery.pk).update(
            vouched_at=long_ago, due_at=long_ago + DELAY, server_id=oren.server_id
        )


@pytest.mark.django_db(transaction=True)
def test_no_recovery_goes_on_without_an_entry_in_a_log(lost, oren):
    recovery, _ = vouched(lost, oren, OVER)
    for change in ({"done_at": clock.ClockNow()}, {"called_off_at": clock.ClockNow()}):
        with pytest.raises(IntegrityError, match="audit"), transaction.atomic():
            Recovery.objects.filter(pk=recovery.pk).update(**change)


# --- one key, one use, and silence ----------------------------------------------------------------
@pytest.mark.parametrize("how", ["unknown", "used", "called off", "left too long", "never vouched"])
def test_a_key_that_is_over_tells_nothing(server, lost, oren, how):
    key = KEY.make()
    if how in ("used", "called off"):
        recovery, key = vouched(lost, oren, OVER)
        if how == "used":
            come_back(key)
        else:
            call_off_recovery(recovery, server, by=oren)
    elif how == "left too long":
        _, key = vouched(lost, oren, DELAY + LASTS)
    elif how == "never vouched":
        RecoveryFactory(account=lost, key=key, begun_at=clock.now() - WAITS)

    over, unknown = enter(key), enter(KEY.make())
    assert opens_nothing(over)
    assert normal(over) == normal(unknown)


def normal(answer):
    status, text = said(answer)
    return status, text.replace(answer.wsgi_request.POST["key"], "KEY")


def test_keys_are_not_guessed_without_end():
    tries = [enter(KEY.make()).status_code for _ in range(12)]

    assert tries[-1] == 429


def test_spoken_codes_are_not_guessed_without_end(server, lost, oren):
    begun()
    browser = browser_of(oren)
    tries = [say(browser, server, SPOKEN.make()).status_code for _ in range(7)]

    assert tries[-1] == 429


@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_finish_at_once_one_does(server, lost, oren, elsewhere):
    _, key = vouched(lost, oren, OVER)
    answer = enter(key)
    typed = {"key": key, "seed": answer.context["form"].initial["seed"], "code": app_code(answer)}
    at_once = Barrier(AT_ONCE)

    def post(number):
        browser = Browser(REMOTE_ADDR=f"10.0.{number}.1")
        at_once.wait()
        password = f"{NEW} {number}"
        return is_back(browser.post(reverse("recovery-finish"), {**typed, "password": password}))

    answers = [elsewhere(partial(post, number)) for number in range(AT_ONCE)]
    assert [answer.result() for answer in answers].count(True) == 1
    assert actions_of(server).count("administrator.recovered") == 1


def test_coming_back_ends_every_other_recovery_of_the_account(lost, oren):
    _, other = vouched(lost, oren, OVER)
    _, key = vouched(lost, oren, OVER)

    assert is_back(come_back(key))
    assert opens_nothing(come_back(other))
