"""Keys of metadata: what opens where, and what never opens again."""

import time
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connection, models, transaction

from accounts.models import Account
from enigm_command.lib import ring, vault
from enigm_command.lib.fields import Sealed, SealedText
from enigm_command.lib.models import DataKey
from tests.factories import AccountFactory

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
    file = tmp_path / "ring.json"
    ring.make(file)
    first = file.read_text()
    ring.make(file)
    assert file.read_text() == first
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_sealed_column_reads_as_text_and_lies_as_noise():
    account = AccountFactory(email="ada@example.org")
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
    account = AccountFactory(email="ada@example.org")
    vault.destroy_key(vault.PLATFORM)
    assert Account.objects.get(pk=account.pk).email == "unreadable"


# --- every sealed column --------------------------------------------------------------------------
SEALED = [
    (model, field)
    for model in apps.get_models()
    for field in model._meta.concrete_fields
    if isinstance(field, SealedText)
]
OF_A_SERVER = [(model, field) for model, field in SEALED if isinstance(field.scope, str)]
every_column = pytest.mark.parametrize(("model", "field"), SEALED, ids=lambda part: part_name(part))


def part_name(part: Any) -> str:
    return str(part._meta.db_table if isinstance(part, type) else part.name)


def a_row(model: Any, field: SealedText, scope: UUID) -> Any:
    """A row of this scope that was never saved: sealing needs no more."""
    row = model(pk=uuid4())
    if isinstance(field.scope, str):
        setattr(row, field.scope, scope)
    return row


def sealed_in(row: Any, field: SealedText) -> Sealed:
    setattr(row, field.attname, "Wilhelmina")
    return field.pre_save(row, add=True)


def read_in(row: Any, field: SealedText, value: Sealed) -> str:
    setattr(row, field.attname, value)
    return getattr(row, field.attname)


def test_there_are_sealed_columns_in_every_app_that_holds_names():
    apps_with_names = {model._meta.app_label for model, _ in SEALED}
    assert apps_with_names >= {"accounts", "servers", "membership", "lifecycle"}


@every_column
def test_a_sealed_column_stands_in_a_row_that_python_names(model, field):
    """The row's id is part of the seal, so it must be known before the row is written."""
    key = model._meta.pk
    while key.is_relation:  # it is another row's
        key = key.target_field
    assert isinstance(key, models.UUIDField)
    assert key.default is uuid4


@every_column
def test_a_value_opens_in_its_own_row(model, field, scope):
    row = a_row(model, field, scope)
    value = sealed_in(row, field)

    assert b"Wilhelmina" not in value
    assert read_in(row, field, value) == "Wilhelmina"


@every_column
def test_a_value_moved_to_another_row_does_not_open(model, field, scope):
    value = sealed_in(a_row(model, field, scope), field)
    vault.make_key(elsewhere := uuid4())
    other = a_row(model, field, elsewhere if field.scope == "id" else scope)

    assert read_in(other, field, value) == "unreadable"


@every_column
def test_a_value_moved_to_another_column_does_not_open(model, field, scope):
    """Of its own row, and of a row of the same id elsewhere."""
    row = a_row(model, field, scope)
    value = sealed_in(row, field)
    for other_model, other_field in SEALED:
        if other_field is not field:
            other = a_row(other_model, other_field, scope)
            other.pk = row.pk
            assert read_in(other, other_field, value) == "unreadable"


@pytest.mark.parametrize(("model", "field"), OF_A_SERVER, ids=lambda part: part_name(part))
def test_a_value_moved_to_another_server_does_not_open(model, field, scope):
    vault.make_key(elsewhere := uuid4())
    row = a_row(model, field, scope)
    value = sealed_in(row, field)
    for other_scope in (elsewhere, vault.PLATFORM):
        setattr(row, field.scope, other_scope)
        assert read_in(row, field, value) == "unreadable"


@pytest.mark.parametrize(("model", "field"), OF_A_SERVER, ids=lambda part: part_name(part))
def test_a_destroyed_key_takes_every_column_of_its_server_and_of_no_other(model, field, scope):
    vault.make_key(elsewhere := uuid4())
    gone, kept = a_row(model, field, scope), a_row(model, field, elsewhere)
    values = [sealed_in(row, field) for row in (gone, kept)]

    vault.destroy_key(scope)

    read = [read_in(*each) for each in zip((gone, kept), (field, field), values, strict=True)]
    assert read == ["unreadable", "Wilhelmina"]


def test_a_destroyed_key_voids_handles_and_indexes_and_seals_nothing_new(scope):
    vault.destroy_key(scope)
    for use in (vault.handle, vault.index, partial(vault.seal, text="Uma")):
        with pytest.raises(vault.Unreadable):
            use(scope, "uma")


def test_another_process_opens_a_destroyed_scope_for_a_minute_at_most(scope, monkeypatch):
    sealed = vault.seal(scope, PLACE, "Atelier")
    DataKey.objects.filter(pk=scope).delete()  # by another process
    assert vault.unseal(scope, PLACE, sealed) == "Atelier"

    later = time.monotonic() + vault.REMEMBERED_FOR + 1
    monkeypatch.setattr(vault.time, "monotonic", lambda: later)
    with pytest.raises(vault.Unreadable):
        vault.unseal(scope, PLACE, sealed)


def test_a_key_that_is_made_again_opens_nothing_of_the_one_before(scope):
    sealed, handle = vault.seal(scope, PLACE, "Atelier"), vault.handle(scope, "uma")
    vault.destroy_key(scope)
    vault.make_key(scope)

    assert vault.handle(scope, "uma") != handle
    with pytest.raises(vault.Unreadable):
        vault.unseal(scope, PLACE, sealed)


def test_equal_values_of_one_place_are_different_at_rest(scope):
    assert vault.seal(scope, PLACE, "Atelier") != vault.seal(scope, PLACE, "Atelier")
