"""What happens to an account is told to whom it belongs, and to nobody else."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.urls import reverse

from accounts import factors
from accounts.models import KnownBrowser, Mail, Notice, RecoveryDevice
from accounts.notices import KEPT, Kind
from tests.browser import Browser
from tests.codes import shown_by
from tests.factories import PASSWORD, AccountFactory, AuthenticatorFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R30")]

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) Version/26.0 Safari/604.1"


@pytest.fixture
def device():
    return AuthenticatorFactory(user=AccountFactory(username="ada", email="ada@example.org"))


@pytest.fixture
def account(device):
    return device.user


@pytest.fixture
def browser(account):
    return Browser().sign_in(account)


def told(account):
    return list(Notice.objects.of(account).values_list("kind", flat=True))


def sign_in(device, words):
    """The whole way in, by password and code, from a browser that calls itself so."""
    browser = Browser(HTTP_USER_AGENT=words)
    browser.post(reverse("sign-in"), {"username": "ada", "password": PASSWORD})
    type(device).objects.update(last_t=-1)
    answer = browser.post(reverse("sign-in-code"), {"code": shown_by(device)})
    assert answer.url == reverse("servers")
    return browser


# --- what is told ---------------------------------------------------------------------------------
def test_a_sign_in_is_told_when_the_browser_is_new(device, account):
    sign_in(device, FIREFOX)
    sign_in(device, FIREFOX)
    assert told(account) == [], "the first browser of an account is no news"
    sign_in(device, SAFARI)
    assert told(account) == [Kind.NEW_SIGN_IN]
    (notice,) = Notice.objects.of(account)
    assert "from Safari on iPhone (authenticator app)." in notice.line
    sign_in(device, SAFARI)
    sign_in(device, FIREFOX)
    assert told(account) == [Kind.NEW_SIGN_IN]


def test_a_password_alone_is_no_sign_in(device, account):
    KnownBrowser.objects.learn(account, "Firefox on Linux")
    browser = Browser(HTTP_USER_AGENT=SAFARI)
    browser.post(reverse("sign-in"), {"username": "ada", "password": PASSWORD})
    browser.post(reverse("sign-in-code"), {"code": "000000"})
    assert told(account) == []


def test_changes_of_what_proves_an_account_are_told_and_mailed(device, account):
    RecoveryDevice.objects.renew(account)
    another = type(device).objects.begin(account)
    another.replace()
    assert told(account) == [Kind.FACTOR_ADDED, Kind.RECOVERY_CODES_MADE]
    assert Mail.objects.count() == 2


def test_a_removed_factor_is_told_and_one_that_had_to_stay_is_not(device, account):
    with pytest.raises(factors.LastFactor):
        factors.remove(device)
    assert told(account) == []


def test_a_stranger_is_told_nothing(device, browser):
    stranger = AccountFactory()
    Notice.objects.tell([device.user], Kind.PASSWORD_CHANGED)
    assert told(stranger) == []
    page = Browser().sign_in(stranger).get(reverse("notices")).content.decode()
    assert "Your password was changed" not in page


# --- the page and the badge -----------------------------------------------------------------------
def test_the_badge_counts_what_is_unread_until_it_is_marked(account, browser):
    assert "new notice" not in browser.get(reverse("servers")).content.decode()
    for _ in range(3):
        Notice.objects.tell([account], Kind.PASSWORD_CHANGED)
    assert "3 new notices" in browser.get(reverse("servers")).content.decode()
    browser.get(reverse("notices"))
    assert "3 new notices" in browser.get(reverse("servers")).content.decode(), (
        "a look changes nothing"
    )
    browser.post(reverse("notices-read"))
    assert "new notice" not in browser.get(reverse("servers")).content.decode()


def test_the_badge_stands_on_a_servers_pages_too(server, oren):
    Notice.objects.tell([server.owner], Kind.PASSWORD_CHANGED)
    page = Browser().sign_in(server.owner).get(reverse("server", args=[server.pk]))
    assert "1 new notice" in page.content.decode()


def test_marking_reads_nobody_elses(account, browser):
    other = AccountFactory()
    Notice.objects.tell([account, other], Kind.PASSWORD_CHANGED)
    browser.post(reverse("notices-read"))
    assert Notice.objects.of(other).unread().count() == 1


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_is_shown_with_a_way_to_do_something(server, account, browser, kind):
    for server_id in (server.pk, None):
        Notice.objects.tell([account], kind, server_id=server_id)
    page = browser.get(reverse("notices")).content.decode()
    assert page.count(f"<b>{kind.label}") == 2
    assert all(f'href="{notice.path}"' in page for notice in Notice.objects.of(account))


def test_the_page_is_newest_first_and_leads_to_the_older_ones(account, browser):
    for _ in range(60):
        Notice.objects.tell([account], Kind.PASSWORD_CHANGED)
    first = browser.get(reverse("notices"))
    assert len(first.context["notices"]) == 50
    second = browser.get(reverse("notices"), {"before": first.context["older"]})
    assert len(second.context["notices"]) == 10
    shown = [notice.pk for page in (first, second) for notice in page.context["notices"]]
    assert shown == list(Notice.objects.of(account).values_list("pk", flat=True))


@pytest.mark.parametrize("before", ["yesterday", "2026-13-45T99:99", "2026-11-22T10:00:00", "\x00"])
def test_an_edited_address_leads_to_the_first_page(account, browser, before):
    Notice.objects.tell([account], Kind.PASSWORD_CHANGED)
    page = browser.get(reverse("notices"), {"before": before})
    assert len(page.context["notices"]) == 1


# --- at rest --------------------------------------------------------------------------------------
@pytest.mark.requirement("R29")
def test_what_a_notice_says_in_particular_is_sealed(account):
    Notice.objects.tell([account], Kind.NEW_SIGN_IN, browser="Firefox on Linux", factor="passkey")
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(notice::text, '') FROM accounts_notice notice")
        (kept,) = cursor.fetchone()
    assert "Firefox" not in kept
    assert b"Firefox".hex() not in kept
    assert "Firefox on Linux" in Notice.objects.get().line


def test_notices_are_forgotten_after_90_days(account):
    Notice.objects.tell([account], Kind.PASSWORD_CHANGED)
    Notice.objects.update(at=F("at") - KEPT - timedelta(minutes=1))
    Notice.objects.tell([account], Kind.RECOVERY_CODES_MADE)
    call_command("sweep", "accounts.notices")
    assert told(account) == [Kind.RECOVERY_CODES_MADE]
