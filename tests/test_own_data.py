"""Everything that is held of an account is told to whom it belongs: and no secret with it."""

import json

import pytest
from django.urls import reverse

from accounts.models import Account, NewAddress, Notice, RecoveryDevice
from accounts.notices import Kind
from enigm_command.lib import clock
from servers import own_data
from servers.actions import rename_server
from tests.browser import Browser
from tests.factories import AuthenticatorFactory, PurchaseFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R29", "R30")]

TOLD = {  # what refers to an account, and where the file tells of it
    "Acceptance": "acceptances",
    "Administrator": "servers",
    "Hold": "log_entries",
    "EncryptedTOTPDevice": "authenticator_apps",
    "KnownBrowser": "account",
    "NewAddress": "address_to_be_confirmed",
    "Notice": "notices",
    "Operator": "account",
    "Passkey": "passkeys",
    "Proposal": "proposals",
    "Purchase": "purchases",
    "Recovery": "recoveries",
    "RecoveryDevice": "recovery_codes",
    "Restriction": "log_entries",
    "Retirement": "log_entries",
    "Server": "servers",
    "ServerDeletion": "log_entries",
    "Session": "sessions",
    "Suspension": "log_entries",
}
LEFT_OUT = {
    "Challenge": "a random number, for five minutes",
    "Confirmation": "a digest of an act that stands in the log if it was done, for a day",
    "WebAuthnCredential": "a table of the library's, which stays empty",
    "WebAuthnUserHandle": "a random number by which passkeys know the account",
}


@pytest.fixture
def account(server, oren):
    AuthenticatorFactory(user=server.owner)
    return server.owner


@pytest.fixture
def browser(account):
    return Browser().sign_in(account)


def download(browser):
    answer = browser.post(reverse("own-data"))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="enigm-account.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    return json.loads(answer.content)


def test_whatever_refers_to_an_account_is_told_or_left_out_for_a_reason(account):
    fields = Account._meta.get_fields(include_hidden=True)
    referring = {field.related_model.__name__ for field in fields if hasattr(field, "on_delete")}
    assert referring == set(TOLD) | set(LEFT_OUT)
    assert set(TOLD.values()) <= set(own_data.held(account))


def test_the_file_tells_what_is_held(server, oren, account, browser):
    rename_server(server, "Quay", by=oren)
    NewAddress.objects.ask(account, "new@example.org")
    RecoveryDevice.objects.renew(account)
    Notice.objects.tell([account], Kind.PASSWORD_CHANGED)
    PurchaseFactory(buyer=account, name="To be bought")
    account.email = "oren@example.org"
    account.save()
    browser.sign_in(account)
    held = download(browser)
    assert held["account"]["username"] == "oren"
    assert held["account"]["email"] == "oren@example.org"
    assert held["address_to_be_confirmed"][0]["address"] == "new@example.org"
    assert held["recovery_codes"][0]["left"] == 10
    assert {notice["heading"] for notice in held["notices"]} >= {Kind.PASSWORD_CHANGED.label}
    assert [each["shown_name"] for each in held["servers"]] == ["Quay"]
    assert held["servers"][0]["is_owner"] is True
    assert held["purchases"][0]["name"] == "To be bought"
    (entry,) = held["log_entries"]
    assert (entry["server"], entry["what"]) == (str(server.pk), "renamed the server")
    assert len(held["sessions"]) == 1


def test_it_tells_nothing_of_others(server, oren, ada, mallory, account, browser):
    rename_server(server, "Quay", by=ada)
    PurchaseFactory(buyer=mallory.warrant.account, name="Of somebody else")
    text = json.dumps(download(browser))
    for foreign in ("mallory", "Elsewhere", "Of somebody else", "renamed the server", '"ada"'):
        assert foreign not in text


def test_it_holds_nothing_that_opens_a_door(account, browser):
    codes = RecoveryDevice.objects.renew(account)
    seed = account.encryptedtotpdevice_set.get(confirmed=True).seed
    browser.sign_in(account)
    text = json.dumps(download(browser))
    for secret in (seed, account.password, browser.session.session_key, *codes):
        assert secret not in text


def test_it_is_asked_for_by_a_button_and_not_too_often(browser):
    assert browser.get(reverse("own-data")).headers["Content-Type"].startswith("text/html")
    answers = [browser.post(reverse("own-data")).status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]


def test_times_are_iso_8601_and_of_utc(account, browser):
    joined = download(browser)["account"]["joined_at"]
    assert joined.endswith("+00:00")
    assert joined < clock.now().isoformat()
