"""Somebody else signs that the platform's log only grows, and cannot be lied to or for."""

import logging
import socket
from dataclasses import replace
from io import StringIO

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from audit import checkpoint, kept, keys
from audit import witness as witnessing
from audit.models import AuditCosignature
from audit.note import Checkpoint, Verifier, cosignature_line, open_note
from audit.recording import PLATFORM
from audit.tasks import witness as witness_sweep
from tests.witness import NAME, SmallWitness, served

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R26", "R28")]


def grow(entries: int = 1) -> None:
    with connection.cursor() as cursor:
        for _ in range(entries):
            cursor.execute("SELECT audit_append(%s, 'test.done', '{}')", [PLATFORM])


def stored() -> list[str]:
    return list(AuditCosignature.objects.filter(witness=NAME).values_list("line", flat=True))


@pytest.fixture
def witness(db, settings):
    """A witness that knows the platform's log, which has entries."""
    grow(3)
    origin = checkpoint.origin_of(PLATFORM)
    witness = SmallWitness(*keys.verifiers(origin))
    with served(witness) as url:
        settings.WITNESS_URL, settings.WITNESS_KEY = f"{url}/prefix/", witness.vkey
        yield witness


def test_the_first_submission_is_signed_and_kept(witness):
    note = witnessing.submit()

    head = checkpoint.latest(PLATFORM)
    assert witness.asked == [("/prefix/add-checkpoint", 0)]
    assert witness.remembered == {head.origin: (head.size, head.root)}
    assert note == witnessing.cosigned(head) == head.note + stored()[0]
    text, signers = open_note(note, [Verifier.parse(witness.vkey), *keys.verifiers(head.origin)])
    assert (text, {signer.name for signer in signers}) == (head.text, {NAME, head.origin})


def test_a_log_that_grew_proves_that_it_did(witness):
    for entries in (0, 1, 4, 300):
        grow(entries)
        witnessing.submit()

    sizes = [old for _, old in witness.asked]
    assert len(sizes) == len(stored()) == 4
    assert sizes == sorted(set(sizes))
    assert next(iter(witness.remembered.values()))[0] == checkpoint.latest(PLATFORM).size


def test_what_is_signed_already_is_not_asked_for_again(witness):
    assert witnessing.submit() == witnessing.submit()
    assert len(witness.asked) == 1


def test_a_witness_that_remembers_more_than_we_do_is_given_the_proof_from_there(witness):
    head = checkpoint.latest(PLATFORM)
    witness.remembered[head.origin] = head.size, head.root
    grow(5)

    witnessing.submit()

    assert [old for _, old in witness.asked] == [0, head.size]
    assert len(stored()) == 1


def test_a_witness_that_forgot_is_given_the_log_from_its_beginning(witness):
    witnessing.submit()
    witness.remembered.clear()
    grow(2)

    witnessing.submit()

    assert [old for _, old in witness.asked][-1] == 0
    assert len(stored()) == 2


def test_a_witness_that_saw_more_than_the_log_has_is_believed(witness):
    head = checkpoint.latest(PLATFORM)
    witness.remembered[head.origin] = head.size + 9, b"\1" * 32

    with pytest.raises(
        witnessing.Unwitnessed, match=f"signed {head.size + 9} entries, and the log"
    ):
        witnessing.submit()
    assert stored() == []


def test_a_witness_that_signed_another_history_signs_no_more(witness):
    head = checkpoint.latest(PLATFORM)
    witness.remembered[head.origin] = head.size, b"\1" * 32
    with pytest.raises(witnessing.Unwitnessed, match="signed another root"):
        witnessing.submit()

    grow()
    with pytest.raises(witnessing.Unwitnessed, match="the proof does not show"):
        witnessing.submit()
    assert stored() == []


def test_a_log_that_the_witness_does_not_know_is_not_signed(witness):
    witness.logs.clear()
    with pytest.raises(witnessing.Unwitnessed, match="does not know the log"):
        witnessing.submit()


def test_a_key_that_the_witness_does_not_trust_is_not_enough(witness):
    stranger = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    for origin in witness.logs:
        witness.logs[origin] = Verifier(origin, stranger)
    with pytest.raises(witnessing.Unwitnessed, match="does not trust the key"):
        witnessing.submit()


def lies(witness: SmallWitness) -> dict[str, object]:
    """Answers that are no signature of this witness under this checkpoint."""
    other = Ed25519PrivateKey.generate()

    def of_another_root(head: Checkpoint) -> str:
        return SmallWitness.sign(witness, replace(head, note=head.note.replace("\n", "\n1", 1)))

    return {
        "another key": lambda head: cosignature_line(head.text, NAME, other, 1),
        "another name": lambda head: cosignature_line(head.text, "w.example/2", witness.key, 1),
        "another size": of_another_root,
        "a changed time": lambda head: SmallWitness.sign(witness, head).replace("AAAA", "AAAB", 1),
        "nothing": lambda head: "",
        "no line": lambda head: "<html>welcome</html>\n",
    }


@pytest.mark.parametrize("lie", sorted(lies(SmallWitness())))
def test_a_signature_that_does_not_hold_is_refused(witness, lie):
    witness.sign = lies(witness)[lie]

    with pytest.raises(witnessing.Unwitnessed, match="no signature that WITNESS_KEY confirms"):
        witnessing.submit()

    head = checkpoint.latest(PLATFORM)
    assert stored() == []
    assert witnessing.cosigned(head) == head.note


def test_signatures_of_others_beside_the_right_one_are_left_out(witness):
    """A witness with several keys answers with a line for each."""
    stranger = Ed25519PrivateKey.generate()

    def sign(head: Checkpoint) -> str:
        others = [cosignature_line(head.text, name, stranger, 1) for name in (NAME, "w.example/2")]
        return others[0] + SmallWitness.sign(witness, head) + others[1]

    witness.sign = sign
    note = witnessing.submit()

    (line,) = stored()
    assert note.endswith(f"\n{line}")
    assert note.count("— ") == 2


def test_a_redirect_is_not_followed(witness):
    witness.answer = lambda path, body: (302, "/elsewhere", "")
    with pytest.raises(witnessing.Unwitnessed, match="it answered 302"):
        witnessing.submit()


def test_a_size_that_is_none_is_an_answer_like_any_other(witness):
    for said in ("", "-1\n", "1e3\n", "9" * 40):
        witness.answer = lambda path, body, said=said: (409, witnessing.SIZE, said)
        with pytest.raises(witnessing.Unwitnessed, match="signed another root"):
            witnessing.submit()


def test_a_dead_witness_is_logged_and_harms_nothing(settings, witness, caplog):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        settings.WITNESS_URL = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with caplog.at_level(logging.WARNING):
            assert witness_sweep()

    assert caplog.messages == ["the witness did not sign the platform's log: no answer (URLError)"]
    assert stored() == []
    assert checkpoint.latest(PLATFORM).size


def test_the_sweep_submits(witness):
    assert witness_sweep()
    assert len(stored()) == 1


def test_without_a_witness_nothing_is_signed_or_asked(db, settings):
    settings.WITNESS_URL = ""
    grow()

    assert witnessing.submit() is None
    assert witness_sweep()
    assert kept.read(PLATFORM) is None
    with pytest.raises(CommandError, match="WITNESS_URL is empty"):
        call_command("audit_witness")


def test_the_key_of_a_log_is_no_witnesses_key(settings, witness):
    settings.WITNESS_KEY = next(iter(witness.logs.values())).vkey
    with pytest.raises(ImproperlyConfigured, match="WITNESS_KEY"):
        witnessing.submit()


def test_the_command_prints_the_witnessed_note_or_fails(witness):
    said = StringIO()
    call_command("audit_witness", stdout=said)
    assert said.getvalue() == witnessing.cosigned(checkpoint.latest(PLATFORM))

    witness.logs.clear()
    grow()
    with pytest.raises(CommandError, match="does not know the log"):
        call_command("audit_witness")


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO audit_cosignature SELECT * FROM audit_cosignature",
        "UPDATE audit_cosignature SET line = ''",
        "DELETE FROM audit_cosignature",
        "TRUNCATE audit_cosignature",
    ],
)
def test_the_application_role_cannot_touch_what_was_witnessed(statement):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
