"""Another master key, while everything runs: nothing is lost, and nothing destroyed comes back."""

import threading
import time
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from enigm_command.lib import files, ring, rotation, vault
from enigm_command.lib.models import DataKey

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R29")]
PLACE = "servers_server.name|7"


@pytest.fixture(autouse=True)
def own_ring(tmp_path: Path, settings: Any) -> Path:
    """A ring of this test's own, that begins as a copy of the run's."""
    files.create(tmp_path / "ring.json", settings.MASTER_KEYS_FILE.read_text())
    settings.MASTER_KEYS_FILE = tmp_path / "ring.json"
    return settings.MASTER_KEYS_FILE


@pytest.fixture
def sealed() -> dict[UUID, bytes]:
    """A value in each of a few scopes, sealed before anything is rotated."""
    scopes = [uuid4() for _ in range(5)]
    for scope in scopes:
        vault.make_key(scope)
    return {scope: vault.seal(scope, PLACE, f"name of {scope}") for scope in scopes}


def rotate(*options: str) -> str:
    """What the command says."""
    said = StringIO()
    call_command("rotate_master_key", *options, stdout=said)
    return said.getvalue()


def opens(sealed: dict[UUID, bytes]) -> bool:
    """Whether everything still opens, in a process that remembers nothing."""
    vault.forget()
    return all(
        vault.unseal(scope, PLACE, value) == f"name of {scope}" for scope, value in sealed.items()
    )


def test_every_data_key_is_wrapped_by_the_new_master_key_and_every_value_still_opens(sealed):
    handles = {scope: vault.handle(scope, "uma") for scope in sealed}
    said = rotate()

    assert DataKey.objects.count_by_master() == {2: DataKey.objects.count()}
    assert "master key 2 was added" in said
    assert "6 data keys were wrapped anew, by master key 2" in said
    assert opens(sealed)
    assert {scope: vault.handle(scope, "uma") for scope in sealed} == handles


def test_a_new_server_is_wrapped_by_the_new_master_key():
    rotate("--add")
    vault.make_key(scope := uuid4())

    assert DataKey.objects.get(pk=scope).wrapped[1] == 2


def test_the_ring_stays_private(own_ring):
    rotate()

    assert own_ring.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in own_ring.parent.glob("ring*")] == ["ring.json"]


def test_a_rotation_that_was_cut_short_goes_on_where_it_was(sealed, monkeypatch):
    monkeypatch.setattr(rotation, "BATCH", 2)
    exchange, batches = rotation._exchange, []

    def until_the_power_fails(keys: list[Any]) -> int:
        batches.append(keys)
        if len(batches) == 2:
            raise KeyboardInterrupt
        return exchange(keys)

    monkeypatch.setattr(rotation, "_exchange", until_the_power_fails)
    with pytest.raises(KeyboardInterrupt):
        rotate()
    assert DataKey.objects.count_by_master() == {1: 4, 2: 2}
    assert opens(sealed)

    monkeypatch.setattr(rotation, "_exchange", exchange)
    assert "added" not in rotate(), "the same new key is used"
    assert DataKey.objects.count_by_master() == {2: 6}
    assert opens(sealed)


def test_a_key_may_be_added_first_and_copied_to_other_machines(sealed):
    assert "master key 2 was added" in rotate("--add")
    assert DataKey.objects.count_by_master() == {1: 6}
    assert "added" not in rotate("--add"), "one that wraps nothing is enough"

    assert "by master key 2" in rotate()
    assert opens(sealed)


def test_a_process_that_runs_reads_the_changed_ring(sealed):
    assert opens(sealed)
    scope, value = next(iter(sealed.items()))
    ring.add()
    rotation.rewrap()
    vault.forget()  # as after a minute

    assert vault.unseal(scope, PLACE, value) == f"name of {scope}"


def test_an_old_master_key_is_dropped_only_when_it_wraps_nothing(sealed):
    rotate("--add")
    with pytest.raises(CommandError, match=r"rotate first: master key 1 \(6\)$"):
        rotate("--drop-old")
    assert set(ring.masters()) == {1, 2}

    rotate()
    assert "master key 1 wrapped nothing and was dropped" in rotate("--drop-old")
    assert set(ring.masters()) == {2}
    assert opens(sealed)
    assert "there is no old master key" in rotate("--drop-old")


@pytest.mark.django_db(transaction=True)
def test_a_server_that_is_being_created_keeps_its_master_key(elsewhere):
    """Its data key was wrapped by the old master key, and is not committed when the old ones go."""
    scope, wrapped, go_on = uuid4(), threading.Event(), threading.Event()

    def create() -> None:
        with transaction.atomic():
            vault.make_key(scope)
            wrapped.set()
            go_on.wait(20)

    creating = elsewhere(create)
    wrapped.wait(20)
    rotate()
    dropping = elsewhere(rotation.drop_unused)
    wait_for_a_lock()
    go_on.set()
    creating.result(20)

    assert dropping.result(20) == ([], {1: 1})
    assert vault.unseal(scope, PLACE, vault.seal(scope, PLACE, "Quay")) == "Quay"


def wait_for_a_lock() -> None:
    """Until another session waits for the table of data keys."""
    waiting = "SELECT FROM pg_locks WHERE NOT granted AND relation = 'lib_datakey'::regclass"
    end = time.monotonic() + 20
    with connection.cursor() as cursor:
        while time.monotonic() < end:
            cursor.execute(waiting)
            if cursor.rowcount:
                return
    pytest.fail("nobody waits")


def test_a_key_that_is_destroyed_meanwhile_does_not_come_back(sealed, monkeypatch):
    scope, value = next(iter(sealed.items()))
    wrap = vault.wrap

    def and_meanwhile(wrapped_for: UUID, key: bytes) -> bytes:
        if wrapped_for == scope:
            vault.destroy_key(scope)
        return wrap(wrapped_for, key)

    monkeypatch.setattr(vault, "wrap", and_meanwhile)
    rotate()

    assert not DataKey.objects.filter(pk=scope).exists()
    with pytest.raises(vault.Unreadable):
        vault.unseal(scope, PLACE, value)


def test_a_data_key_that_does_not_open_is_named_and_keeps_its_master_key(sealed):
    broken, copied = list(sealed)[:2]
    DataKey.objects.filter(pk=broken).update(wrapped=DataKey.objects.get(pk=copied).wrapped)

    with pytest.raises(CommandError, match=f"do not open and were left alone: {broken}$"):
        rotate()

    assert DataKey.objects.count_by_master() == {1: 1, 2: 5}
    with pytest.raises(CommandError, match=r"master key 1 \(1\)$"):
        rotate("--drop-old")


def test_a_ring_has_at_most_as_many_keys_as_a_byte_can_name(own_ring):
    own_ring.write_text(own_ring.read_text().replace('"1"', '"255"'))

    with pytest.raises(ImproperlyConfigured, match="no number left"):
        ring.add()
