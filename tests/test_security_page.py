"""The security page: factors are added, replaced and removed, and one of them always stays."""

from functools import partial
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from accounts import factors, replacement
from accounts.factors import LastFactor, RecoveryDevice
from accounts.models import Account, EncryptedTOTPDevice, Notice, Passkey, RecoveryCode
from tests.browser import Browser
from tests.codes import fresh_code, shown_by
from tests.factories import PASSWORD, AccountFactory, AuthenticatorFactory, PasskeyFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R30")]
CHANGES = ["new-authenticator", "authenticator-removal", "new-recovery-codes"]


@pytest.fixture
def ada():
    """Has an authenticator app and no passkey yet."""
    return AuthenticatorFactory(user=AccountFactory(username="Ada")).user


@pytest.fixture
def browser(ada):
    return Browser().sign_in(ada)


def app_of(account):
    return EncryptedTOTPDevice.objects.get(user=account, confirmed=True)


def page_of(browser):
    return browser.get(reverse("security")).content.decode()


def is_inside(browser):
    return browser.get(reverse("security")).status_code == 200


def set_up_another_app(browser):
    """What the person does on the two pages; the answer to the new app's first code."""
    assert browser.post(reverse("new-authenticator")).url == reverse("authenticator")
    assert "<svg" in browser.get(reverse("authenticator")).content.decode()
    pending = EncryptedTOTPDevice.objects.get(confirmed=False)
    return browser.post(reverse("authenticator"), {"code": shown_by(pending)})


# --- what the page shows --------------------------------------------------------------------------
def test_the_page_shows_what_proves_the_account(ada, browser):
    RecoveryDevice.objects.make(ada)
    PasskeyFactory(user=ada, name="Blue key")
    page = page_of(browser)
    for words in ("Authenticator app", "Blue key", "Never", "10 codes left", "This one"):
        assert words in page


def test_a_last_factor_has_no_button_that_removes_it(ada, browser):
    assert reverse("authenticator-removal") not in page_of(browser)
    PasskeyFactory(user=ada)
    assert reverse("authenticator-removal") in page_of(browser)


@pytest.mark.parametrize("route", CHANGES)
def test_a_stale_session_changes_nothing(ada, browser, route):
    PasskeyFactory(user=ada)
    before = (app_of(ada).pk, RecoveryCode.objects.count())
    browser.grow_stale()
    assert browser.post(reverse(route)).url.startswith(reverse("confirm-you"))
    assert (app_of(ada).pk, RecoveryCode.objects.count()) == before


# --- the authenticator app ------------------------------------------------------------------------
def test_the_authenticator_is_replaced_by_another_ones_code(ada, browser):
    other, before = Browser().sign_in(ada), app_of(ada)
    assert set_up_another_app(browser).url == reverse("security")
    assert is_inside(browser)
    assert not is_inside(other)
    assert app_of(ada).pk != before.pk
    assert Notice.objects.get(account=ada).kind == "factor_added"


def test_until_its_first_code_the_earlier_authenticator_stays_in_use(ada, browser):
    browser.post(reverse("new-authenticator"))
    before = app_of(ada)
    answer = browser.post(reverse("authenticator"), {"code": shown_by(before)})
    assert "<title>Error: Set up an authenticator app" in answer.content.decode()
    assert app_of(ada) == before


def test_an_authenticator_is_added_beside_a_passkey(ada):
    PasskeyFactory(user=ada)
    factors.remove(app_of(ada))
    ada.refresh_from_db()
    browser = Browser().sign_in_with(ada, Passkey.objects.get())
    assert "Set up an authenticator app" in page_of(browser)
    set_up_another_app(browser)
    assert len(factors.in_use(ada)) == 2


def test_whoever_opened_the_session_with_what_is_gone_enters_again(ada, browser):
    PasskeyFactory(user=ada)
    browser.post(reverse("authenticator-removal"))
    assert browser.get(reverse("security")).url == reverse("sign-in-code")
    assert Notice.objects.get(account=ada).kind == "factor_removed"


# --- passkeys -------------------------------------------------------------------------------------
def test_a_passkey_is_renamed(ada, browser):
    address = reverse("passkey-name", args=[PasskeyFactory(user=ada, name="Old").pk])
    assert "Old" in browser.get(address).content.decode()
    assert browser.post(address, {"name": "  Blue   key "}).url == reverse("security")
    assert Passkey.objects.get().name == "Blue key"


@pytest.mark.parametrize("name", ["", "x" * 41, "a\u202eb"])
def test_a_name_that_cannot_be_read_is_refused(ada, browser, name):
    address = reverse("passkey-name", args=[PasskeyFactory(user=ada, name="Old").pk])
    assert (
        "<title>Error: Rename a passkey" in browser.post(address, {"name": name}).content.decode()
    )


def test_a_passkey_is_removed_and_every_other_session_ends(ada, browser):
    other, passkey = Browser().sign_in(ada), PasskeyFactory(user=ada)
    assert browser.post(reverse("passkey-removal", args=[passkey.pk])).url == reverse("security")
    assert not Passkey.objects.exists()
    assert is_inside(browser)
    assert not is_inside(other)


def test_nobody_touches_anothers_passkey(browser):
    theirs = PasskeyFactory(user=AuthenticatorFactory().user, name="Theirs")
    assert browser.get(reverse("passkey-name", args=[theirs.pk])).status_code == 404
    browser.post(reverse("passkey-name", args=[theirs.pk]), {"name": "Mine"})
    browser.post(reverse("passkey-removal", args=[theirs.pk]))
    assert Passkey.objects.get().name == "Theirs"


# --- the last one stays ---------------------------------------------------------------------------
def test_the_last_factor_stays(ada, browser):
    assert browser.post(reverse("authenticator-removal")).url == reverse("security")
    assert "This is your last second factor" in page_of(browser)
    assert app_of(ada)


def test_recovery_codes_are_no_factor(ada):
    RecoveryDevice.objects.make(ada)
    with pytest.raises(LastFactor):
        factors.remove(app_of(ada))


def by_hand(change_rows):
    """The rows alone, past all our code: only what the database holds at commit is tried."""
    with transaction.atomic():
        change_rows()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.mark.parametrize(
    "change",
    [
        lambda devices: devices.delete(),
        lambda devices: devices.update(confirmed=False),
        lambda devices: devices.update(user=AccountFactory()),
    ],
    ids=["deleted", "unconfirmed", "moved"],
)
@pytest.mark.parametrize("factory", [AuthenticatorFactory, PasskeyFactory])
def test_the_database_keeps_the_last_factor_whoever_asks(factory, change):
    device = factory(user=AccountFactory())
    with pytest.raises(IntegrityError, match="the last second factor"):
        by_hand(lambda: change(type(device).objects.filter(pk=device.pk)))


def test_a_closed_account_keeps_no_factor(ada):
    Account.objects.filter(pk=ada.pk).update(is_active=False)
    by_hand(EncryptedTOTPDevice.objects.filter(user=ada).delete)


def two_at_once(elsewhere, *removals):
    """What became of removals that begin at the same moment."""
    at_once = Barrier(len(removals), timeout=30)

    def go(removal):
        at_once.wait()
        try:
            removal()
        except (LastFactor, IntegrityError) as refused:
            return type(refused)
        return None

    return {answer.result() for answer in [elsewhere(partial(go, each)) for each in removals]}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round", range(5))
def test_of_two_sessions_that_each_remove_one_of_two_factors_one_is_refused(elsewhere, ada, round):
    removals = [partial(factors.remove, each) for each in (app_of(ada), PasskeyFactory(user=ada))]
    assert two_at_once(elsewhere, *removals) == {None, LastFactor}
    assert len(factors.in_use(ada)) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round", range(5))
def test_so_does_the_database_by_itself(elsewhere, ada, round):
    PasskeyFactory(user=ada)
    rows = [model.objects.filter(user=ada) for model in (EncryptedTOTPDevice, Passkey)]
    assert two_at_once(elsewhere, *(each.delete for each in rows)) == {None, IntegrityError}
    assert len(factors.in_use(ada)) == 1


# --- after a recovery code ------------------------------------------------------------------------
@pytest.fixture
def recovered(ada):
    """Ada without her app: she signed in with a recovery code."""
    browser, code = Browser(), RecoveryDevice.objects.make(ada)[0]
    typed = {"username": "ada", "password": PASSWORD, "code": code}
    assert browser.post(reverse("sign-in-recovery-code"), typed).status_code == 302
    return browser


def test_after_a_recovery_code_the_authenticator_may_be_replaced(ada, recovered):
    before = app_of(ada)
    assert "You signed in with a recovery code" in page_of(recovered)
    assert set_up_another_app(recovered).url == reverse("security")
    assert app_of(ada).pk != before.pk
    assert is_inside(recovered)


@pytest.mark.parametrize("route", ["new-passkey", "email", "password", "own-data", "close-account"])
def test_a_recovery_code_opens_nothing_else_that_needs_a_fresh_factor(recovered, route):
    assert recovered.get(reverse(route)).url.startswith(reverse("confirm-you"))


def test_nor_does_the_new_authenticator_before_its_next_code(ada, recovered):
    set_up_another_app(recovered)
    assert recovered.get(reverse("new-passkey")).url.startswith(reverse("confirm-you"))
    recovered.post(reverse("confirm-you"), {"code": fresh_code(ada)})
    assert recovered.get(reverse("new-passkey")).status_code == 200


def test_five_minutes_after_a_recovery_code_it_is_too_late(recovered):
    recovered.remember(**{replacement.RECOVERED: "2026-01-01T00:00:00+00:00"})
    assert "You signed in with a recovery code" not in page_of(recovered)
    assert recovered.post(reverse("new-authenticator")).url.startswith(reverse("confirm-you"))


def test_a_second_replacement_needs_the_new_authenticator(recovered):
    set_up_another_app(recovered)
    assert recovered.post(reverse("new-authenticator")).url.startswith(reverse("confirm-you"))
