"""Keys of metadata: what opens where, and what never opens again."""

from uuid import uuid4

import pytest
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connection, transaction

from accounts.models import Account
from enigm_command.lib import vault
from enigm_command.lib.models import DataKey

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R29")]
PLACE = "servers_server.name|7"


@pytest.fixture
def scope():
    made = uuid4()
    vault.make_key(made)
    return made


def test_a_value_opens_where_it_was_sealed(scope):
    sealed = vault.seal(scope, PLACE, "Atelier Nørth")
    assert b"Atelier" not in sealed
    assert vault.unseal(scope, PLACE, sealed) == "Atelier Nørth"


@pytest.mark.parametrize(
    "move",
    [
        lambda scope, sealed: vault.unseal(scope, "servers_server.name|8", sealed),
        lambda scope, sealed: vault.unseal(scope, "membership_membership.name|7", sealed),
        lambda scope, sealed: vault.unseal(vault.PLATFORM, PLACE, sealed),
        lambda scope, sealed: vault.unseal(scope, PLACE, sealed[:-1] + bytes([sealed[-1] ^ 1])),
        lambda scope, sealed: vault.unseal(scope, PLACE, b""),
    ],
    ids=["another row", "another column", "another scope", "one bit changed", "nothing"],
)
def test_a_value_that_was_moved_or_changed_does_not_open(scope, move):
    with pytest.raises(vault.Unreadable):
        move(scope, vault.seal(scope, PLACE, "Atelier"))


def test_nothing_opens_once_the_key_is_destroyed(scope):
    sealed = vault.seal(scope, PLACE, "Atelier")
    vault.destroy_key(scope)
    with pytest.raises(vault.Unreadable):
        vault.unseal(scope, PLACE, sealed)


def test_a_wrapped_key_moved_to_another_scope_opens_nothing(scope):
    other = uuid4()
    vault.make_key(other)
    DataKey.objects.filter(pk=other).update(wrapped=DataKey.objects.get(pk=scope).wrapped)
    with pytest.raises(vault.Unreadable):
        vault.seal(other, PLACE, "Atelier")


def test_making_a_key_again_keeps_the_first(scope):
    sealed = vault.seal(scope, PLACE, "Atelier")
    vault.make_key(scope)
    vault.forget()
    assert vault.unseal(scope, PLACE, sealed) == "Atelier"


@pytest.mark.requirement("R15")
def test_handles_and_indexes_are_stable_in_a_scope_and_unlinkable_across(scope):
    other = uuid4()
    vault.make_key(other)
    assert vault.handle(scope, "ada") == vault.handle(scope, "ada")
    assert vault.handle(scope, "ada") != vault.handle(other, "ada")
    assert vault.index(scope, "ada") == vault.index(scope, "ada") != vault.index(other, "ada")
    assert vault.index(scope, "ada") != vault.handle(scope, "ada").bytes


def test_a_missing_key_ring_is_named(settings, tmp_path):
    settings.MASTER_KEYS_FILE = tmp_path / "absent.json"
    vault.forget()
    with pytest.raises(ImproperlyConfigured, match="ENIGM_MASTER_KEYS_FILE"):
        vault.make_key(uuid4())


def test_a_new_ring_is_private_and_never_overwritten(tmp_path):
    ring = tmp_path / "ring.json"
    vault.make_ring(ring)
    first = ring.read_text()
    vault.make_ring(ring)
    assert ring.read_text() == first
    assert ring.stat().st_mode & 0o777 == 0o600


def test_a_sealed_column_reads_as_text_and_lies_as_noise():
    account = Account.objects.create_user("ada", "a long enough password", email="ada@example.org")
    assert Account.objects.get(pk=account.pk).email == "ada@example.org"
    with connection.cursor() as cursor:
        cursor.execute("SELECT a::text FROM accounts_account a")
        assert "example.org" not in cursor.fetchone()[0]


def test_nothing_can_be_looked_up_or_updated_by_a_sealed_column():
    with pytest.raises(FieldError):
        Account.objects.filter(email="ada@example.org").exists()
    with pytest.raises(FieldError), transaction.atomic():
        Account.objects.update(email="ada@example.org")
    Account.objects.update(email=None)


def test_a_sealed_value_whose_key_is_gone_reads_as_unreadable():
    account = Account.objects.create_user("ada", "a long enough password", email="ada@example.org")
    vault.destroy_key(vault.PLATFORM)
    assert Account.objects.get(pk=account.pk).email == "unreadable"
