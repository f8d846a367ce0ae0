"""Accounts: one name, one person, and nothing kept that need not be."""

from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from accounts import usernames
from accounts.models import Account, UsernameTaken
from tests.factories import PASSWORD, AccountFactory

pytestmark = pytest.mark.django_db
WIDE_ADA = "\uff21\uff24\uff21"  # in fullwidth letters


@pytest.mark.parametrize("name", ["ada", "Zoë.K", "o_o-3", "Łukasz", "李小龍", WIDE_ADA, "x" * 40])
def test_a_username_is_letters_digits_and_three_marks_in_any_script(name):
    usernames.validate(name)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("ada\u202egnp", "hidden"),
        ("a\u200bda", "hidden"),
        ("ada\n", "hidden"),
        ("ada\x00", "hidden"),
        ("ada\u3164", "hidden"),
        ("ada\ufe0f", "characters"),
        ("ada lovelace", "characters"),
        ("ada@example.org", "characters"),
        ("<b>ada</b>", "characters"),
        ("ab", "length"),
        ("x" * 41, "length"),
        ("ß" * 21, "length"),
    ],
)
def test_a_username_that_could_pass_for_another_is_refused_with_the_reason(name, reason):
    with pytest.raises(ValidationError) as refused:
        usernames.validate(name)
    assert refused.value.code == reason


@pytest.mark.parametrize(
    ("first", "twin"),
    [("Ada", "ada"), ("ada", WIDE_ADA), ("Zoe\u0308", "zo\u00eb"), ("straße", "STRASSE")],
)
def test_twins_of_a_username_are_one_name(first, twin):
    account = Account.objects.create_user(first, PASSWORD)
    assert account.username == first
    assert Account.objects.get_by_natural_key(twin) == account
    with pytest.raises(UsernameTaken):
        Account.objects.create_user(twin, PASSWORD)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_a_name_at_once_one_gets_it(elsewhere):
    at_once = Barrier(4)

    def take(name):
        at_once.wait()
        try:
            return Account.objects.create_user(name, PASSWORD).username
        except UsernameTaken:
            return None

    answers = [elsewhere(lambda name=name: take(name)) for name in ("ada", "Ada", "aDa", WIDE_ADA)]
    assert sum(answer.result() is not None for answer in answers) == 1


@pytest.mark.requirement("R29")
def test_an_e_mail_address_is_sealed_and_may_be_absent():
    ada = AccountFactory(email="ada@example.org")
    assert Account.objects.get(pk=ada.pk).email == "ada@example.org"
    assert b"example.org" not in stored("accounts_account", "email", ada.pk)
    assert Account.objects.create_user("uma", PASSWORD).email is None


def stored(table, column, pk):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} WHERE id = %s", [pk])
        return bytes(cursor.fetchone()[0])


def test_a_password_is_kept_as_an_argon2_hash():
    assert Account.objects.create_user("ada", PASSWORD).password.startswith("argon2$argon2id$")


def test_nobody_keeps_when_an_account_was_last_here():
    assert "last_login" not in {field.name for field in Account._meta.get_fields()}
