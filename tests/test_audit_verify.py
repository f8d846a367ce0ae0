"""The platform checks its own logs from the bytes of their entries, and says what is wrong."""

import json
from base64 import b64encode
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction

from audit import checkpoint, checks, kept
from audit.erasure import erase_stream
from audit.note import Checkpoint
from audit.recording import recording
from audit.roles import LOG
from audit.verification import verify
from audit.verify_bundle import NotIntact
from audit.vocabulary import Action
from enigm_command.lib import vault
from tests.forger import Forger
from tests.logs import grow

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.requirement("R5", "R28")]


@pytest.fixture
def stream() -> UUID:
    made = uuid4()
    grow(made, 300)
    return made


@pytest.fixture
def forger(as_superuser, stream) -> Iterator[Forger]:
    forger = Forger(as_superuser, stream)
    yield forger
    forger.remove()


@pytest.fixture
def no_other_logs(as_superuser) -> None:
    """Other tests leave logs behind whose keys are gone: none of them was ever a product's."""
    as_superuser.execute("SET session_replication_role = replica")
    for table in LOG:
        as_superuser.execute(f"DELETE FROM {table}")


def test_a_log_of_real_acts_is_intact(server, ada):
    for _ in range(3):
        with recording(Action.SERVER_RENAMED, by=ada, server=server) as entry:
            entry.private["to"] = 'Åtelier "North"\n'
    assert verify(server.pk) == 3


def test_a_log_nobody_wrote_in_is_intact():
    assert verify(uuid4()) == 0


def test_it_is_intact_after_an_erasure_and_after_its_key_is_destroyed(stream):
    erase_stream(stream, "the server was deleted")
    vault.destroy_key(stream)
    assert verify(stream) == 301


def test_values_that_nobody_can_open_any_more_are_missed(stream):
    vault.destroy_key(stream)
    with pytest.raises(NotIntact, match="entry 0: actor is not what was recorded"):
        verify(stream)


def test_a_value_that_its_entry_does_not_commit_to_is_found():
    stream = uuid4()
    vault.make_key(stream)
    value = {"commit": "00" * 32, "sealed": b64encode(b"nothing").decode()}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT audit_append(%s, 'test', '{}', %s)", [stream, json.dumps({"name": value})]
        )
    with pytest.raises(NotIntact, match="entry 0: name is not what was recorded"):
        verify(stream)


def test_what_was_signed_is_compared_size_by_size(stream, forger):
    checkpoint.latest(stream)
    grow(stream, 40)
    checkpoint.latest(stream)
    grow(stream, 40)
    forger.sql("UPDATE audit_node SET hash = sha256('x') WHERE stream_id = STREAM")
    with pytest.raises(NotIntact, match="entries 0 to 255: not what their tile says"):
        verify(stream)


def test_a_checkpoint_of_the_database_that_is_not_ours_is_found(stream, forger):
    checkpoint.latest(stream)
    forger.sql(
        "UPDATE audit_checkpoint SET note = replace(note, E'\\n300\\n', E'\\n299\\n'), size = 299"
        " WHERE stream_id = STREAM"
    )
    with pytest.raises(NotIntact, match=r"the signature by .* is wrong"):
        verify(stream)


def test_a_log_goes_on_being_intact_while_it_grows(stream, elsewhere):
    growing = elsewhere(lambda: grow(stream, 60))
    sizes = [verify(stream) for _ in range(3)]
    growing.result()
    assert sizes == sorted(sizes)
    assert verify(stream) == 360


def test_it_is_never_run_on_what_is_not_committed(stream):
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        verify(stream)


# --- the command ----------------------------------------------------------------------------------
def test_the_command_says_what_it_found(stream, capsys):
    call_command("audit_verify", str(stream))
    assert capsys.readouterr().out == f"{stream}: intact, 300 entries\n"


def test_the_command_fails_for_one_log_among_many_and_names_it(no_other_logs, forger, capsys):
    good = uuid4()
    grow(good, 2)
    call_command("audit_verify", "--all")
    assert set(capsys.readouterr().out.splitlines()) == {
        f"{good}: intact, 2 entries",
        f"{forger.stream}: intact, 300 entries",
    }

    forger.sql("DELETE FROM audit_event WHERE stream_id = STREAM AND seq = 9")
    with pytest.raises(CommandError, match="1 of 2 logs are not intact"):
        call_command("audit_verify", "--all")
    assert set(capsys.readouterr().out.splitlines()) == {
        f"{good}: intact, 2 entries",
        f"{forger.stream}: NOT INTACT: entries 0 to 255: 255 of 256 exist",
    }


def test_a_log_that_was_signed_and_is_gone_is_missed(no_other_logs, forger, capsys):
    checkpoint.latest(forger.stream)
    forger.remove()
    with pytest.raises(CommandError):
        call_command("audit_verify", "--all")
    assert "NOT INTACT: 300 entries were signed, and 0 are here" in capsys.readouterr().out


def test_a_kept_checkpoint_that_nobody_signed_is_found(stream, capsys):
    signed = checkpoint.latest(stream)
    kept.write(stream, signed.note.replace("\n300\n", "\n30\n"))
    with pytest.raises(CommandError):
        call_command("audit_verify", str(stream))
    assert "NOT INTACT: the signature by" in capsys.readouterr().out


# --- the check of the set-up ----------------------------------------------------------------------
def test_a_role_that_owns_nothing_is_no_cause_for_a_warning():
    assert checks.check_role(["default"]) == []
    assert checks.check_role(None) == []


@pytest.mark.parametrize("role", ["enigm_owner", "postgres"])
def test_a_role_that_could_switch_the_guards_off_is_warned_of(role, monkeypatch):
    monkeypatch.setitem(connections["default"].settings_dict, "USER", role)
    (warning,) = checks.check_role(["default"])
    assert warning.id == "audit.W001"
    assert role in warning.msg


def test_the_restored_logs_older_checkpoints_are_not_held_against_it(server, forger):
    checkpoint.latest(forger.stream)
    last = Checkpoint.open(kept.read(forger.stream), checkpoint.verifiers(forger.stream))
    forger.rewrite(lambda leaves: leaves[:200])
    grow(forger.stream, 1)
    checkpoint.begin_edition(forger.stream, last)
    assert verify(forger.stream) == 201
