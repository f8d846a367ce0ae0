"""Operators of the platform: appointed on the machine, with a second factor, and on record."""

import re
import sys
from base64 import b32decode
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django_otp import match_token
from django_otp.oath import TOTP

from accounts.actions import add_operator, remove_operator
from accounts.factors import STEP, CodeRefused, new_seed
from accounts.models import Account, EncryptedTOTPDevice, Operator
from audit.authority import Authority, OutsideAuthority
from audit.models import AuditStream
from audit.vocabulary import Capacity
from enigm_command.lib.vault import PLATFORM
from tests.factories import PASSWORD, AccountFactory, OperatorFactory
from tests.search import says
from tests.support import events_of

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R5", "R30")]
MACHINE = Authority(Capacity.OPERATOR, name="whoever runs the machine")


def code_of(seed):
    return f"{TOTP(b32decode(seed), STEP).token():06}"


def platform_log():
    return events_of(AuditStream(pk=PLATFORM))


class Typing:
    """Somebody at the machine: types the password, and then what their app makes of the seed."""

    def __init__(self, screen, code=None):
        self.screen, self.code, self.lines = screen, code, iter([PASSWORD + "\n"])

    def readline(self, size=-1):
        return next(self.lines, None) or f"{self.code or self.read_from_app()}\n"

    def read_from_app(self):
        shown = re.search(r"or type: ([A-Z2-7 ]+)", self.screen.getvalue())
        return code_of(shown[1].replace(" ", ""))


def run_add_operator(monkeypatch, name, **typed):
    screen = StringIO()
    monkeypatch.setattr(sys, "stdin", Typing(screen, **typed))
    call_command("add_operator", name, "--password-stdin", "--by", "root", stdout=screen)
    return screen.getvalue()


# --- the commands ---------------------------------------------------------------------------------
def test_an_operator_comes_with_password_and_authenticator(monkeypatch):
    said = run_add_operator(monkeypatch, "opal")

    opal = Operator.objects.named("Opal").account
    assert "opal is an operator" in said
    assert PASSWORD not in said
    assert opal.check_password(PASSWORD)
    assert EncryptedTOTPDevice.objects.in_use(opal)


def test_the_code_that_appointed_them_opens_nothing_more():
    seed = new_seed()
    code = code_of(seed)
    operator = add_operator("opal", PASSWORD, seed=seed, code=code, by=MACHINE)

    assert match_token(operator.account, code) is None


@pytest.mark.parametrize("code", [" ", "nonsense", "12345"])
def test_without_the_right_code_nobody_is_added(monkeypatch, code):
    before = len(platform_log())
    with pytest.raises(CommandError, match="Nobody was added"):
        run_add_operator(monkeypatch, "opal", code=code)

    assert not Account.objects.filter(canonical="opal").exists()
    assert not EncryptedTOTPDevice.objects.filter(user__canonical="opal").exists()
    assert len(platform_log()) == before


def test_a_customers_account_is_never_made_an_operators(monkeypatch):
    AccountFactory(username="ada")
    with pytest.raises(CommandError, match="new account"):
        run_add_operator(monkeypatch, "ADA")

    assert not Operator.objects.exists()


def test_a_weak_password_appoints_nobody(monkeypatch):
    monkeypatch.setattr(sys, "stdin", StringIO("short\n"))
    with pytest.raises(CommandError, match="too short"):
        call_command("add_operator", "opal", "--password-stdin")


def test_an_operator_is_removed_and_their_sessions_end():
    account = OperatorFactory(account__username="opal").account
    epoch = account.auth_epoch
    call_command("remove_operator", "opal", stdout=StringIO())

    account.refresh_from_db()
    assert not Operator.objects.exists()
    assert account.auth_epoch > epoch


def test_who_is_no_operator_cannot_be_removed():
    with pytest.raises(CommandError, match="no operator"):
        call_command("remove_operator", "ada")


@pytest.mark.parametrize(
    ("command", "instead"), [("createsuperuser", "add_operator"), ("changepassword", "/recover/")]
)
def test_the_frameworks_own_ways_in_refuse_in_one_line(command, instead):
    with pytest.raises(CommandError, match=instead) as refused:
        call_command(command)

    assert "\n" not in str(refused.value)


# --- on record ------------------------------------------------------------------------------------
def test_coming_and_going_stand_in_the_platforms_log():
    seed = new_seed()
    operator = add_operator("opal", PASSWORD, seed=seed, code=code_of(seed), by=MACHINE)
    remove_operator(operator, by=MACHINE)

    added, removed = platform_log()[-2:]
    assert (added.action, removed.action) == ("operator.added", "operator.removed")
    assert added.actor_name == MACHINE.name
    assert added.shown_values == removed.shown_values == {"operator": "opal"}
    assert not says("opal", added.leaf)


@pytest.mark.django_db(transaction=True)
def test_no_operator_comes_about_without_an_entry():
    account = AccountFactory()
    with pytest.raises(IntegrityError, match="audit"), transaction.atomic():
        Operator.objects.create(account=account)


def test_an_operator_who_was_removed_acts_no_more(mallory):
    operator = OperatorFactory()
    by = operator.authority
    remove_operator(operator, by=MACHINE)

    seed = new_seed()
    with pytest.raises(OutsideAuthority):
        add_operator("opal2", PASSWORD, seed=seed, code=code_of(seed), by=by)
    assert not Account.objects.filter(canonical="opal2").exists()


def test_an_administrator_appoints_no_operator(ada):
    seed = new_seed()
    with pytest.raises(OutsideAuthority):
        add_operator("opal", PASSWORD, seed=seed, code=code_of(seed), by=ada)


def test_a_wrong_code_leaves_no_account():
    seed = new_seed()
    with pytest.raises(CodeRefused):
        add_operator("opal", PASSWORD, seed=seed, code=code_of(new_seed()), by=MACHINE)
    assert not Account.objects.filter(canonical="opal").exists()
