"""The account's own pages: what they show, and what they change."""

import re
from urllib.parse import urlsplit

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.signing import Signer
from django.db import connection
from django.db.models import F
from django.urls import reverse

from accounts import mail as post
from accounts import passwords
from accounts.addresses import HOLDS
from accounts.models import Account, Mail, NewAddress, Notice
from accounts.notices import Kind
from tests.browser import Browser
from tests.factories import PASSWORD, AccountFactory
from tests.search import says

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R30")]

ADDRESS, EARLIER = "ada@example.org", "earlier@example.org"
NEW = "another four words in a row"


@pytest.fixture
def account():
    return AccountFactory(username="ada")


@pytest.fixture
def browser(account):
    return Browser().sign_in(account)


def told(account):
    return list(Notice.objects.of(account).values_list("kind", flat=True))


def send_all():
    for pk in list(Mail.objects.values_list("pk", flat=True)):
        post.send(pk)


def link_in(mail):
    """The path of the one link that a mail holds."""
    (url,) = re.findall(r"https?://\S+", mail.body)
    return urlsplit(url).path


def asked(browser, mailoutbox, address=ADDRESS):
    """An address is entered; the link that goes there."""
    assert browser.post(reverse("email"), {"address": address}).url == reverse("account")
    send_all()
    return link_in(mailoutbox[-1])


# --- the e-mail address ---------------------------------------------------------------------------
def test_an_address_counts_once_its_link_was_opened_and_confirmed(account, browser, mailoutbox):
    link = asked(browser, mailoutbox)
    assert mailoutbox[-1].to == [ADDRESS]
    assert f"<strong>{ADDRESS}</strong>" in browser.get(reverse("account")).content.decode()
    browser.get(link)
    account.refresh_from_db()
    assert account.email is None, "a look changes nothing"
    browser.post(link)
    account.refresh_from_db()
    assert account.email == ADDRESS
    assert not NewAddress.objects.exists()


def test_notices_go_to_the_earlier_address_until_then_and_the_change_is_told_there(
    account, browser, mailoutbox
):
    account.email = EARLIER
    account.save()
    link = asked(browser, mailoutbox)
    Notice.objects.tell([Account.objects.get(pk=account.pk)], Kind.RECOVERY_CODES_MADE)
    browser.post(link)
    send_all()
    assert [mail.to for mail in mailoutbox[1:]] == [[EARLIER], [EARLIER]]
    assert mailoutbox[-1].subject == Kind.EMAIL_CHANGED.label


def test_a_link_works_once(account, browser, mailoutbox):
    link = asked(browser, mailoutbox)
    browser.post(link)
    Account.objects.update(email=None)
    browser.post(link)
    account.refresh_from_db()
    assert account.email is None


def test_a_link_works_for_an_hour(account, browser, mailoutbox):
    link = asked(browser, mailoutbox)
    NewAddress.objects.update(asked_at=F("asked_at") - HOLDS)
    assert browser.get(link).url == reverse("account")
    browser.post(link)
    account.refresh_from_db()
    assert account.email is None
    call_command("sweep", "accounts.notices")
    assert not NewAddress.objects.exists()


def test_a_link_works_for_nobody_else(account, browser, mailoutbox):
    """Not for whoever reads the mail, nor for whoever guesses which row it names."""
    link = asked(browser, mailoutbox)
    assert Browser().get(link).url.startswith(reverse("sign-in"))
    mallory = AccountFactory()
    Browser().sign_in(mallory).post(link)
    unsigned = reverse("email-proof", args=[f"{NewAddress.objects.get().pk}:{'A' * 43}"])
    browser.post(unsigned)
    other = Signer(salt="of something else").sign(str(NewAddress.objects.get().pk))
    browser.post(reverse("email-proof", args=[other]))
    mallory.refresh_from_db()
    account.refresh_from_db()
    assert (account.email, mallory.email) == (None, None)


def test_a_second_address_takes_the_place_of_the_first(account, browser, mailoutbox):
    first = asked(browser, mailoutbox, "first@example.org")
    second = asked(browser, mailoutbox, "second@example.org")
    browser.post(first)
    browser.post(second)
    account.refresh_from_db()
    assert account.email == "second@example.org"


def test_an_address_is_removed_and_that_is_told_where_it_was(account, browser, mailoutbox):
    account.email = EARLIER
    account.save()
    asked(browser, mailoutbox)
    browser.post(reverse("email-removal"))
    send_all()
    account.refresh_from_db()
    assert account.email is None
    assert not NewAddress.objects.exists()
    assert mailoutbox[-1].to == [EARLIER]
    assert told(account) == [Kind.EMAIL_REMOVED]


@pytest.mark.parametrize(
    "typed", ["", "ada", "ada@example.org\nBcc: mallory@example.org", "a@b@c", "a" * 400 + "@b.org"]
)
def test_what_is_no_address_is_refused(browser, typed):
    page = browser.post(reverse("email"), {"address": typed})
    assert "<title>Error: " in page.content.decode()
    assert not Mail.objects.exists()


def test_nobody_has_us_mail_strangers_all_day(browser):
    answers = [
        browser.post(reverse("email"), {"address": f"n{n}@example.org"}).status_code
        for n in range(6)
    ]
    assert answers == [302] * 5 + [429]


@pytest.mark.requirement("R29")
def test_an_address_that_waits_lies_sealed(browser):
    browser.post(reverse("email"), {"address": ADDRESS})
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(row::text, '') FROM accounts_newaddress row")
        (kept,) = cursor.fetchone()
    assert b"example".hex() not in kept


# --- the password ---------------------------------------------------------------------------------
def change(browser, current=PASSWORD, new=NEW):
    typed = {"current_password": current, "new_password": new}
    return browser.post(reverse("password"), typed)


def test_a_new_password_ends_every_other_session_and_is_told(account, browser):
    other = Browser().sign_in(account)
    assert change(browser).url == reverse("account")
    account.refresh_from_db()
    assert account.check_password(NEW)
    assert other.get(reverse("account")).status_code == 302
    assert browser.get(reverse("account")).status_code == 200
    assert told(account) == [Kind.PASSWORD_CHANGED]


def test_the_current_password_is_asked_for(account, browser):
    page = change(browser, current="four other words walk out")
    assert "This is not your current password." in page.content.decode()
    account.refresh_from_db()
    assert account.check_password(PASSWORD)


def test_guesses_at_the_current_password_come_to_an_end(browser):
    answers = [change(browser, current=f"guess number {n}").status_code for n in range(11)]
    assert answers == [200] * 10 + [429]


def test_no_password_comes_back_in_a_page(browser):
    page = change(browser, current="a wrong one that was typed", new="tiny").content.decode()
    assert "a wrong one" not in page
    assert not says("tiny", page)


@pytest.mark.parametrize(
    "new",
    [
        "eleven char",
        "password1234",
        "enigm-command-1",
        "Enigm Enigm Enigm",
        "adaadaadaadaada",
        "EnigmServer2026!",
        "",
        "x" * 129,
    ],
)
def test_a_password_that_anybody_would_try_is_refused(account, browser, new):
    assert "<title>Error: " in change(browser, new=new).content.decode()


@pytest.mark.parametrize(
    "new", ["enigmatic walks by the harbour", "correct horse battery", "x9" * 64]
)
def test_a_long_password_is_welcome_whatever_it_is_made_of(account, browser, new):
    assert change(browser, new=new).status_code == 302
    account.refresh_from_db()
    assert account.check_password(new)


def test_the_words_of_the_place_do_not_count():
    rule = passwords.ContextWords()
    ada = Account(username="Adalbert")
    rule.validate("adalbert walks by the harbour", ada)
    with pytest.raises(ValidationError, match="do not count"):
        rule.validate("ADALBERT-enigm-99", ada)


# --- all of them ----------------------------------------------------------------------------------
@pytest.mark.parametrize("route", ["email", "password", "own-data", "close-account"])
def test_a_copied_session_without_a_factor_changes_nothing(account, route):
    thief = Browser().sign_in(account).grow_stale()
    for answer in (thief.get(reverse(route)), thief.post(reverse(route), {"username": "ada"})):
        assert answer.url.startswith(reverse("confirm-you"))
    account.refresh_from_db()
    assert account.is_active


def test_a_password_that_was_typed_too_late_is_kept_nowhere(account):
    late = Browser().sign_in(account).grow_stale()
    change(late)
    assert NEW not in str(dict(late.session.items()))
    assert PASSWORD not in str(dict(late.session.items()))


def test_the_account_page_leads_to_all_the_others(browser):
    page = browser.get(reverse("account")).content.decode()
    for route in ("email", "notices", "security", "password", "own-data", "close-account"):
        assert f'href="{reverse(route)}"' in page
