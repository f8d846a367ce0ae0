"""Sessions end when they should, and a copy of their table signs nobody in."""

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.urls import reverse

from accounts.models import Account
from accounts.sessions import digest_of
from tests.browser import Browser
from tests.factories import AccountFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R30")]


@pytest.fixture
def account():
    return AccountFactory()


@pytest.fixture
def browser(account):
    return Browser().sign_in(account)


def is_signed_in(browser):
    return browser.get(reverse("account")).status_code == 200


def test_a_new_epoch_ends_every_session(account, browser):
    assert is_signed_in(browser)
    account.end_sessions()
    assert not is_signed_in(browser)


def test_a_new_password_ends_every_session(account, browser):
    account.set_password("another four words in a row")
    account.save()
    assert not is_signed_in(browser)


def test_a_disabled_account_is_out_at_its_next_request(account, browser):
    Account.objects.filter(pk=account.pk).update(is_active=False)
    assert not is_signed_in(browser)


def test_the_table_holds_no_key_no_name_and_no_message(account, browser):
    session = browser.session
    session["told"] = "Lena Hoff is now a user"
    session.save()
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(stored::text, ' ') FROM django_session stored")
        (kept,) = cursor.fetchone()
    assert digest_of(session.session_key) in kept
    for secret in (session.session_key, str(account.pk), "Lena", "told", "otp_device"):
        assert secret not in kept
    assert browser.session["told"] == "Lena Hoff is now a user"


def test_what_is_stored_is_no_key(account, browser):
    thief = Browser()
    thief.cookies["sid"] = digest_of(browser.session.session_key)
    assert not is_signed_in(thief)


def test_contents_moved_to_another_session_open_nothing(browser):
    thief = Browser().sign_in(AccountFactory())
    stolen = Session.objects.get(pk=digest_of(browser.session.session_key)).session_data
    own = Session.objects.filter(pk=digest_of(thief.session.session_key))
    assert own.update(session_data=stolen)
    assert not is_signed_in(thief)
    assert is_signed_in(browser)
