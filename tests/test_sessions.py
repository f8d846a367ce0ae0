"""Sessions end when they should, nothing brings one back, and a copy of them opens nothing."""

import json
from datetime import timedelta

import pytest
from django.contrib.auth import HASH_SESSION_KEY
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.urls import reverse

from accounts import sessions
from accounts.models import Account, KnownBrowser, Session
from accounts.sessions import LIMITS, OPERATOR_LIMITS, SessionStore, digest_of
from enigm_command.lib import clock
from tests.browser import Browser
from tests.factories import AccountFactory, OperatorFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R30")]

A_MINUTE = timedelta(minutes=1)  # to which use is noted
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


@pytest.fixture
def account():
    return AccountFactory()


@pytest.fixture
def browser(account):
    return Browser().sign_in(account)


def is_signed_in(browser):
    return browser.get(reverse("account")).status_code == 200


def row_of(browser):
    return Session.objects.get(digest=digest_of(browser.session.session_key))


def age(browser, **columns):
    """Let time pass for one session: so much less in each of its columns."""
    past = {name: F(name) - by for name, by in columns.items()}
    assert Session.objects.filter(pk=row_of(browser).pk).update(**past)


# --- limits ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("column", "limit"),
    [("seen_at", LIMITS.idle), ("began_at", LIMITS.absolute)],
    ids=["unused", "at all"],
)
def test_a_session_ends_at_its_limit_by_the_clock_of_the_database(browser, column, limit):
    age(browser, **{column: limit - 2 * A_MINUTE})
    assert is_signed_in(browser)
    age(browser, **{column: limit})
    assert not is_signed_in(browser)


@pytest.mark.parametrize(
    ("column", "limit"),
    [("seen_at", OPERATOR_LIMITS.idle), ("began_at", OPERATOR_LIMITS.absolute)],
    ids=["unused", "at all"],
)
def test_an_operators_session_ends_earlier_from_the_day_they_are_one(
    account, browser, column, limit
):
    age(browser, **{column: limit + A_MINUTE})
    assert is_signed_in(browser)
    age(browser, **{column: limit + A_MINUTE})
    OperatorFactory(account=account)
    assert not is_signed_in(browser)


def test_use_keeps_a_session_and_a_page_that_asks_for_news_does_not(browser):
    age(browser, seen_at=10 * A_MINUTE)
    before = row_of(browser).seen_at
    browser.get(reverse("servers"), headers={"Accept": "application/json"})
    assert row_of(browser).seen_at == before
    browser.get(reverse("servers"))
    assert row_of(browser).seen_at > before


def test_no_use_and_no_new_key_makes_a_session_any_younger(browser):
    age(browser, began_at=LIMITS.absolute - 5 * A_MINUTE)
    began = row_of(browser).began_at
    browser.post(reverse("sessions-end"))
    assert is_signed_in(browser)
    assert row_of(browser).began_at == began


def test_when_it_was_used_is_kept_to_the_minute(browser):
    seen = row_of(browser).seen_at
    assert (seen.second, seen.microsecond) == (0, 0)


def test_what_is_over_is_forgotten_and_what_is_not_stays(browser):
    other = Browser().sign_in(AccountFactory())
    age(browser, seen_at=LIMITS.idle)
    call_command("sweep", "accounts.sessions")
    assert list(Session.objects.all()) == [row_of(other)]


# --- ending ---------------------------------------------------------------------------------------
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


def test_signing_out_ends_the_session_on_the_server_and_clears_the_browser(browser):
    thief = copy_of(browser)
    answer = browser.post(reverse("sign-out"))
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert not is_signed_in(thief)


def copy_of(browser):
    thief = Browser()
    thief.cookies["sid"] = browser.cookies["sid"].value
    return thief


def test_a_copied_cookie_is_dead_at_its_next_request_after_sign_out_everywhere(account, browser):
    """The thief has the owner's very session, and the owner stays."""
    thief = copy_of(browser)
    assert is_signed_in(thief)
    browser.post(reverse("sessions-end"))
    assert not is_signed_in(thief)
    assert is_signed_in(browser)


def test_sign_out_everywhere_ends_every_other_session(account, browser):
    others = [Browser().sign_in(account) for _ in range(3)]
    browser.post(reverse("sessions-end"))
    assert not any(is_signed_in(other) for other in others)
    account.refresh_from_db()
    assert [session.pk for session in sessions.of(account)] == [row_of(browser).pk]


def test_end_all_leaves_no_session_at_all(account, browser):
    sessions.end_all(account)
    assert not is_signed_in(browser)
    assert not account.sessions.exists()


def test_one_session_is_ended_from_the_list(account, browser):
    other = Browser().sign_in(account)
    browser.post(reverse("session-end", args=[row_of(other).pk]))
    assert not is_signed_in(other)
    assert is_signed_in(browser)


def test_nobody_ends_somebody_elses_session(browser):
    stranger = Browser().sign_in(AccountFactory())
    stranger.post(reverse("session-end", args=[row_of(browser).pk]))
    assert is_signed_in(browser)


@pytest.mark.parametrize("act", ["save", "cycle_key"])
def test_a_request_that_was_under_way_brings_no_ended_session_back(account, browser, act):
    under_way = SessionStore(browser.session.session_key)
    under_way["seen"] = True
    if act == "cycle_key":
        under_way.cycle_key()
    sessions.end_all(account)
    with pytest.raises(sessions.UpdateError):
        under_way.save()
    assert not account.sessions.exists()


def test_a_request_under_an_earlier_key_changes_nothing(account, browser):
    """The owner has a new key meanwhile: whoever holds the old one cannot write, or take over."""
    under_way = SessionStore(browser.session.session_key)
    under_way["planted"] = True
    under_way.cycle_key()
    browser.post(reverse("sessions-end"))
    with pytest.raises(sessions.UpdateError):
        under_way.save()
    assert is_signed_in(browser)
    assert "planted" not in browser.session


# --- the list -------------------------------------------------------------------------------------
def test_the_list_says_browser_factor_and_time_and_which_is_this_one(account, browser):
    session = browser.session
    session.update({sessions.BROWSER: "Firefox on Linux", sessions.FACTOR: "passkey"})
    session.save()
    other = Browser().sign_in(account)
    page = other.get(reverse("security")).content.decode()
    assert "Firefox on Linux" in page
    assert "Passkey" in page
    assert page.count("This one") == 1
    assert reverse("session-end", args=[row_of(browser).pk]) in page
    assert reverse("session-end", args=[row_of(other).pk]) not in page


def test_the_list_leaves_out_what_no_longer_opens(account, browser):
    dead = Browser().sign_in(account)
    late = Browser().sign_in(account)
    age(late, seen_at=LIMITS.idle)
    contents = dead.session
    contents[HASH_SESSION_KEY] = "an earlier one"
    contents.save()
    assert [session.pk for session in sessions.of(account)] == [row_of(browser).pk]


def test_sign_out_everywhere_makes_every_other_browser_a_new_one(account, browser):
    for label in ("Firefox on Linux", "Safari on iPhone"):
        KnownBrowser.objects.learn(account, label)
    session = browser.session
    session[sessions.BROWSER] = "Firefox on Linux"
    session.save()
    browser.post(reverse("sessions-end"))
    assert not KnownBrowser.objects.learn(account, "Firefox on Linux")
    assert KnownBrowser.objects.learn(account, "Safari on iPhone")


# --- at rest --------------------------------------------------------------------------------------
def kept(table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT string_agg(stored::text, ' ') FROM {table} stored")
        return cursor.fetchone()[0]


def test_the_table_holds_no_key_no_name_and_no_message(account, browser):
    session = browser.session
    session["told"] = "Lena Hoff is now a user"
    session.save()
    table = kept("accounts_session")
    assert digest_of(session.session_key).hex() in table
    for secret in (session.session_key, account.username, "Lena", "told", "otp_device"):
        assert secret not in table
    assert browser.session["told"] == "Lena Hoff is now a user"


@pytest.mark.requirement("R29")
def test_no_address_and_no_words_of_the_browser_are_at_rest(account):
    browser = Browser(REMOTE_ADDR="198.51.100.77", HTTP_USER_AGENT=FIREFOX).sign_in(account)
    browser.get(reverse("security"))
    for table in ("accounts_session", "accounts_knownbrowser", "accounts_notice", "accounts_mail"):
        for word in ("198.51", "Mozilla", "Gecko", "145.0", "Firefox", "Linux"):
            assert word not in (kept(table) or "")


def test_what_is_stored_is_no_key(browser):
    thief = Browser()
    thief.cookies["sid"] = digest_of(browser.session.session_key).hex()
    assert not is_signed_in(thief)


def test_contents_moved_to_another_session_open_nothing(browser):
    thief = Browser().sign_in(AccountFactory())
    stolen = Session.objects.get(pk=row_of(browser).pk).__dict__["contents"]
    assert Session.objects.filter(pk=row_of(thief).pk).update(contents=stolen)
    assert not is_signed_in(thief)
    assert is_signed_in(browser)


def test_a_session_of_nobody_is_no_accounts(client):
    store = SessionStore()
    store["seen"] = True
    store.save()
    row = Session.objects.get(digest=digest_of(store.session_key))
    assert row.account is None
    assert json.loads(row.contents) == {"seen": True}
    assert row.began_at <= clock.now()
