"""Closing an account: nothing of the person stays, and nothing is left without anybody."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from accounts import usernames
from accounts.mail import Mail
from accounts.models import (
    CLOSED,
    Account,
    Confirmation,
    NewAddress,
    Notice,
    RecoveryDevice,
    UsernameTaken,
)
from accounts.notices import Kind
from audit.authority import OutsideAuthority
from audit.models import AuditEvent
from audit.vocabulary import Action
from enigm_command.lib.vault import PLATFORM
from servers.actions import close_account, leave_administration
from servers.closing import StillNeeded, Ties
from servers.models import Administrator
from tests.browser import Browser
from tests.factories import (
    PASSWORD,
    AccountFactory,
    AdministratorFactory,
    AuthenticatorFactory,
    OperatorFactory,
    PurchaseFactory,
    ServerFactory,
)
from tests.search import says
from tests.support import actions_of

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R5", "R29", "R30")]


@pytest.fixture
def account():
    return AuthenticatorFactory(user=AccountFactory(username="lone", email="lone@example.org")).user


@pytest.fixture
def browser(account):
    return Browser().sign_in(account)


def close(browser, name="lone"):
    return browser.post(reverse("close-account"), {"username": name})


def closings():
    return AuditEvent.objects.filter(stream_id=PLATFORM, filed_as=Action.ACCOUNT_CLOSED)


def test_a_closed_account_opens_nothing_and_holds_nothing(account, browser):
    RecoveryDevice.objects.renew(account)
    NewAddress.objects.ask(account, "next@example.org")
    Notice.objects.tell([account], Kind.PASSWORD_CHANGED)
    Confirmation.objects.offer(account, "an act")
    other, browser = Browser().sign_in(account), browser.sign_in(account)
    answer = close(browser)
    assert answer.url == reverse("sign-in")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert other.get(reverse("account")).status_code == 302
    left = Account.objects.get(pk=account.pk)
    assert (left.username, left.email, left.is_active) == (CLOSED, None, False)
    assert left.closed_at is not None
    assert not left.has_usable_password()
    for relation in Account._meta.get_fields(include_hidden=True):
        if hasattr(relation, "on_delete"):
            rows = relation.related_model._default_manager.filter(**{relation.field.name: left})
            assert not rows.exists(), relation.related_model


def test_nobody_signs_in_to_it_again(account, browser):
    close(browser)
    page = Browser().post(reverse("sign-in"), {"username": "lone", "password": PASSWORD})
    assert "The username or the password is wrong." in page.content.decode()


def test_the_platforms_log_says_so_and_names_nobody(account, browser):
    before = closings().count()
    close(browser)
    assert closings().count() == before + 1
    entry = closings().order_by("-seq").first()
    assert entry.data == {"capacity": "account", "account": str(account.pk)}
    assert entry.said["commit"] == {}


def test_the_person_is_told_where_they_could_be_told(account, browser):
    close(browser)
    assert any(mail.address == "lone@example.org" for mail in Mail.objects.all())


@pytest.mark.parametrize("twin", ["lone", "LONE", "\uff4c\uff4f\uff4e\uff45"])
def test_the_name_is_kept_from_others_and_can_be_read_by_nobody(account, browser, twin):
    close(browser)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(row::text, '') FROM accounts_account row")
        assert not says("lone", cursor.fetchone()[0])
    with pytest.raises(UsernameTaken):
        Account.objects.create_user(twin, PASSWORD)
    assert Account.objects.create_user("alone", PASSWORD)


def test_the_username_has_to_be_typed(account, browser):
    assert "This is not your username." in close(browser, "another").content.decode()
    account.refresh_from_db()
    assert account.is_active


# --- what holds -----------------------------------------------------------------------------------
def test_an_owner_stays_until_the_server_is_gone_and_is_told_which(account, browser):
    ServerFactory(owner=account, name="Quay")
    page = browser.get(reverse("close-account")).content.decode()
    assert "Quay" in page
    assert "Close my account" not in page
    close(browser)
    account.refresh_from_db()
    assert account.is_active


def test_a_deleted_server_holds_nobody(account, browser):
    ServerFactory(owner=account, standing="deleted")
    assert close(browser).status_code == 302
    account.refresh_from_db()
    assert not account.is_active


@pytest.mark.parametrize("state", ["draft", "awaiting_payment", "paid"])
def test_a_buyer_stays_until_the_purchase_has_ended(account, browser, state):
    paid = {"paid_at": "2026-11-01T00:00Z"} if state == "paid" else {}
    PurchaseFactory(buyer=account, state=state, **paid)
    assert "A purchase is not finished" in close(browser).content.decode()


def test_an_operator_stays_until_another_ends_that(account, browser):
    OperatorFactory(account=account)
    assert "You run the platform" in close(browser).content.decode()


def test_one_of_several_administrators_leaves_each_server_with_an_entry_in_its_log(
    server, account, browser
):
    AdministratorFactory(account=account, server=server)
    assert server.name in browser.get(reverse("close-account")).content.decode()
    close(browser)
    assert actions_of(server) == [Action.ADMINISTRATOR_LEFT]
    assert not Administrator.objects.filter(account=account).exists()


# --- the acts -------------------------------------------------------------------------------------
def test_closing_is_refused_while_anything_depends_on_it(server, account):
    AdministratorFactory(account=account, server=server)
    with pytest.raises(StillNeeded):
        close_account(account, by=account.authority)
    account.refresh_from_db()
    assert account.is_active


def test_nobody_closes_anybodys_account_by_another_power(account, oren, ada, mallory, schedule):
    for by in (oren, ada, mallory, schedule):
        with pytest.raises(OutsideAuthority):
            close_account(account, by=by)


def test_an_account_is_no_power_over_a_server(server, account):
    with pytest.raises(OutsideAuthority):
        leave_administration(server.administrators.get(), by=account.authority)
    assert actions_of(server) == []


def test_an_owner_does_not_leave(server, oren, ada):
    with pytest.raises(StillNeeded):
        leave_administration(oren.warrant, by=oren)
    assert actions_of(server) == []


def test_nobody_leaves_twice(server, ada):
    leave_administration(ada.warrant, by=ada)
    with pytest.raises(OutsideAuthority):
        leave_administration(ada.warrant, by=ada)
    assert actions_of(server) == [
        Action.ADMINISTRATOR_LEFT,
        f"{Action.ADMINISTRATOR_LEFT} refused",
    ]


@pytest.mark.django_db(transaction=True)
def test_no_account_is_closed_without_an_entry():
    account = AccountFactory()
    with pytest.raises(IntegrityError, match="audit"), transaction.atomic():
        account.close()
    account.refresh_from_db()
    assert account.is_active


def test_ties_tell_owners_from_administrators(server, ada, oren):
    assert Ties.of(oren.warrant.account).owned == [server]
    ties = Ties.of(ada.warrant.account)
    assert (ties.owned, ties.shared) == ([], [ada.warrant])
    assert not ties.hold


def test_a_retired_name_cannot_be_typed():
    assert ":" in usernames.retired("ada")
    assert len(usernames.retired("x" * 40)) <= usernames.MOST
