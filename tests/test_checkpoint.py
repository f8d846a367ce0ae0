"""Checkpoints: well formed, signed only for what continues, and kept where no restore reaches."""

import os
import re
import stat
from base64 import b64decode
from uuid import UUID, uuid4

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from audit import checkpoint, kept, keys, note, verify_bundle
from audit.actions import note_restored
from audit.authority import Authority, OutsideAuthority
from audit.checkpoint import Inconsistent, latest
from audit.models import AuditCheckpoint
from audit.note import Checkpoint, Unsigned, Verifier
from audit.recording import PLATFORM
from audit.vocabulary import Action, Capacity
from tests.logs import grow
from tests.support import events_of

pytestmark = pytest.mark.requirement("R28")

ORIGIN = "panel.example.org/audit/00000000-0000-4000-8000-000000000001"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
VKEY = f"{ORIGIN}+4c53a9f7+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
ROOT = b64decode("Wqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=")

# c2sp.org/signed-note, section "Verifier keys": the specification's own example
EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE = (
    "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ON"
    "ncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)


@pytest.fixture
def stream(db: None) -> UUID:
    made = uuid4()
    grow(made, 5, named=False)
    return made


@pytest.fixture
def opal() -> Authority:
    return Authority(Capacity.OPERATOR, name="opal")


def forget(stream: UUID) -> None:
    """The folder is lost."""
    kept._file(stream).unlink()


def pretend_signed(stream: UUID, size: int, root: bytes = ROOT) -> Checkpoint:
    """As if the log had once been longer, or another one."""
    signed = Checkpoint.sign(checkpoint.origin_of(stream), size, root, keys.signing_key())
    kept.write(stream, signed.note)
    return signed


# --- the form -------------------------------------------------------------------------------------
def test_a_known_checkpoint():
    """Three leaves, "one", "two", "three", signed with the key whose seed is bytes 0 to 31.

    The text is in `t`, the key in `k` (PKCS #8: 302e020100300506032b657004220420, then the seed):
    openssl pkeyutl -sign -inkey k -rawin -in t          gives the 64 bytes after the key id
    { printf 'ORIGIN\\n\\001'; cat pub; } | sha256sum      gives 4c53a9f7, the key id
    """
    assert Checkpoint.sign(ORIGIN, 3, ROOT, KEY).note == (
        f"{ORIGIN}\n"
        "3\n"
        "Wqx3HImawpLnS/Gv4ubjAvi1WIOy0b8Ze0amvqbavKk=\n"
        "\n"
        f"— {ORIGIN} TFOp94oPdp2+Krft18h3ZkvEC6VkLN09pKxxQgJ60BgdAdU6Os9nOvODni69ldo8A0IBngBxmNHQ"
        "iKjVMFoNk+idHwM=\n"
    )
    assert Verifier(ORIGIN, KEY.public_key().public_bytes_raw()).vkey == VKEY


def test_the_specifications_own_example_verifies():
    text, signers = note.open_note(EXAMPLE, [Verifier.parse(EXAMPLE_KEY)])
    assert (text, len(signers)) == ("This is an example message.\n", 1)
    assert verify_bundle.open_note(EXAMPLE.encode(), verify_bundle.read_keys([EXAMPLE_KEY])) == (
        "This is an example message.\n",
        {("example.com/foo", bytes.fromhex("530d903a"))},
    )


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("This", "That"),
        ("message.\n", "message.\n\n"),
        ("message.\n\n", "message.\n \n"),
        ("Uw2QOkn8", "Uw2QOkn9"),
        ("eyaQM=", "eyaQQ="),
        ("Uw2Q", "Xw2Q"),
        ("example.com/foo Uw", "example.com/bar Uw"),
        ("— ", "- "),
    ],
)
def test_the_example_does_not_verify_once_altered(was, becomes):
    altered = EXAMPLE.replace(was, becomes)
    assert altered != EXAMPLE
    with pytest.raises(Unsigned):
        note.open_note(altered, [Verifier.parse(EXAMPLE_KEY)])
    try:
        _, signers = verify_bundle.open_note(
            altered.encode(), verify_bundle.read_keys([EXAMPLE_KEY])
        )
    except verify_bundle.NotIntact:
        signers = set()
    assert not signers


@pytest.mark.parametrize(
    "vkey",
    [
        EXAMPLE_KEY.replace("530d903a", "530d903b"),
        EXAMPLE_KEY.replace("Aeky", "Aekz"),
        EXAMPLE_KEY.replace("foo", "bar"),
        "example.com/foo+530d903a",
        "example.com/foo+530d903a+?",
        "",
    ],
)
def test_a_wrong_verifier_key_is_refused(vkey):
    with pytest.raises(ValueError):  # noqa: PT011, whichever part of it is wrong
        Verifier.parse(vkey)
    with pytest.raises((verify_bundle.NotIntact, ValueError)):
        verify_bundle.read_keys([vkey])


def test_signatures_by_others_are_passed_over_and_ones_in_our_name_are_not():
    signed = Checkpoint.sign(ORIGIN, 3, ROOT, KEY)
    other = Ed25519PrivateKey.generate()
    witnessed = signed.note + note.cosignature_line(signed.text, "witness.example/w", other, 1)
    assert Checkpoint.open(witnessed, [Verifier.parse(VKEY)]).root == ROOT

    forged = signed.note + note.signature_line(Verifier.parse(VKEY), bytes(64))
    with pytest.raises(Unsigned, match="is wrong"):
        Checkpoint.open(forged, [Verifier.parse(VKEY)])


def test_a_witness_signs_what_it_saw_and_when():
    """Key id by hand: { printf 'witness.example/w\\n\\004'; cat pub; } | sha256sum"""
    signed = Checkpoint.sign(ORIGIN, 3, ROOT, KEY)
    line = note.cosignature_line(signed.text, "witness.example/w", KEY, 1_679_315_147)
    witness = Verifier("witness.example/w", KEY.public_key().public_bytes_raw(), note.COSIGNATURE)

    assert witness.id.hex() == "76d9f8e5"
    assert b64decode(line.split()[-1])[4:12] == (1_679_315_147).to_bytes(8, "big")
    assert note.open_note(signed.note + line, [witness])[1] == [witness]
    with pytest.raises(Unsigned, match="is wrong"):
        note.open_note((signed.note + line).replace("\n3\n", "\n4\n"), [witness])


# --- signing --------------------------------------------------------------------------------------
def test_a_log_signs_what_it_holds_and_no_more_than_once(stream):
    signed = latest(stream)

    assert (signed.origin, signed.size) == (f"localhost:8000/audit/{stream}", 5)
    assert latest(stream) == signed
    assert [row.note for row in AuditCheckpoint.objects.of(stream)] == [signed.note]
    assert kept.read(stream) == signed.note


def test_an_empty_log_signs_that_it_is_empty(db):
    assert latest(uuid4()).size == 0


def test_a_log_that_grew_signs_again_and_proves_that_it_grew(stream):
    first = latest(stream)
    grow(stream, 300, named=False)
    second = latest(stream)

    assert (first.size, second.size) == (5, 305)
    assert [row.size for row in AuditCheckpoint.objects.of(stream)] == [305, 5]
    assert checkpoint.last_signed(stream) == second


def test_a_log_that_is_shorter_than_what_was_signed_is_not_signed(stream):
    pretend_signed(stream, 7)
    with pytest.raises(Inconsistent, match=r"7 entries were signed for .+ the log now has 5"):
        latest(stream)
    assert not AuditCheckpoint.objects.of(stream).exists()


@pytest.mark.parametrize("grown", [0, 3])
def test_a_log_that_is_another_than_the_one_signed_is_not_signed(stream, grown):
    pretend_signed(stream, 5)
    grow(stream, grown, named=False)
    with pytest.raises(Inconsistent, match=r"5 entries were signed .+ does not begin with them"):
        latest(stream)


def test_what_is_not_committed_is_not_signed(stream):
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        latest(stream)


def test_a_checkpoint_in_the_database_is_as_good_while_the_folder_is_lost(stream):
    signed = latest(stream)
    forget(stream)
    assert latest(stream) == signed


def test_a_kept_checkpoint_that_somebody_else_signed_stops_the_signer(stream):
    other = Ed25519PrivateKey.generate()
    kept.write(stream, Checkpoint.sign(checkpoint.origin_of(stream), 1, ROOT, other).note)
    with pytest.raises(Unsigned):
        latest(stream)


@pytest.mark.django_db(transaction=True)
def test_many_signers_at_once_agree(elsewhere):
    stream = uuid4()
    grow(stream, 1)

    def append_and_sign() -> int:
        grow(stream, 1)
        return latest(stream).size

    sizes = [each.result() for each in [elsewhere(append_and_sign) for _ in range(24)]]
    assert max(sizes) == latest(stream).size == 25


# --- where it is kept -----------------------------------------------------------------------------
def test_only_this_user_may_read_keys_and_checkpoints(stream, settings):
    latest(stream)
    for path in (settings.AUDIT_KEYS_FILE, kept._file(stream)):
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert stat.S_IMODE(settings.AUDIT_CHECKPOINTS_FOLDER.stat().st_mode) == 0o700


def test_the_folder_holds_nothing_but_what_was_signed_last(stream, settings):
    latest(stream)
    grow(stream, 1)
    latest(stream)
    names = sorted(path.name for path in settings.AUDIT_CHECKPOINTS_FOLDER.iterdir())
    assert names == [f"{stream}.checkpoint", f"{stream}.lock"]
    assert kept.streams() == [stream]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO audit_checkpoint SELECT * FROM audit_checkpoint",
        "UPDATE audit_checkpoint SET size = 1",
        "DELETE FROM audit_checkpoint",
        "TRUNCATE audit_checkpoint",
    ],
)
def test_the_application_role_adds_checkpoints_by_the_function_alone(stream, statement):
    latest(stream)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_nonsense_is_no_checkpoint(stream):
    call = "SELECT audit_add_checkpoint(%s, 'here', %s, %s, %s)"
    for size, root, written in [(6, ROOT, "here\n6\n"), (5, b"", "here\n5\n"), (5, ROOT, "there")]:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(call, [stream, size, root, written])


@pytest.mark.django_db(transaction=True)
def test_even_the_owner_changes_no_checkpoint(stream, as_owner):
    latest(stream)
    for change in ("UPDATE audit_checkpoint SET size = 1", "DELETE FROM audit_checkpoint"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            as_owner.execute(change)


# --- keys -----------------------------------------------------------------------------------------
@pytest.fixture
def own_key(tmp_path, settings):
    settings.AUDIT_KEYS_FILE = tmp_path / "keys.json"
    keys.make(settings.AUDIT_KEYS_FILE)


def test_a_key_is_made_once(own_key, settings):
    before = settings.AUDIT_KEYS_FILE.read_text()
    keys.make(settings.AUDIT_KEYS_FILE)
    assert settings.AUDIT_KEYS_FILE.read_text() == before


def test_after_a_rotation_the_new_key_signs_and_the_old_one_still_verifies(own_key, stream):
    old = latest(stream)
    call_command("audit_key", "--rotate")
    assert latest(stream) == old

    grow(stream, 1)
    new = latest(stream)
    newest, oldest = checkpoint.verifiers(stream)
    assert Checkpoint.open(old.note, [oldest]) == old
    assert Checkpoint.open(new.note, [newest]) == new
    with pytest.raises(Unsigned):
        Checkpoint.open(new.note, [oldest])


def test_the_command_prints_what_to_check_with(own_key, stream, capsys):
    call_command("audit_key")
    assert "the keys that sign the logs lie in" in capsys.readouterr().out
    call_command("audit_key", str(stream))
    assert capsys.readouterr().out == f"{checkpoint.verifiers(stream)[0].vkey}\n"


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"1": "short"}', '{"x": ""}'])
def test_a_key_file_that_is_no_key_file_is_named(stream, settings, tmp_path, text):
    settings.AUDIT_KEYS_FILE = tmp_path / "keys.json"
    settings.AUDIT_KEYS_FILE.write_text(text)
    with pytest.raises(ImproperlyConfigured, match="AUDIT_KEYS_FILE"):
        latest(stream)


# --- after a backup was restored ------------------------------------------------------------------
def test_a_restored_log_goes_on_under_an_origin_of_its_own(server, opal):
    grow(server.pk, 4)
    lost = pretend_signed(server.pk, 7)

    head = note_restored(server.pk, "the disk of 3 May", by=opal)

    assert head.origin == f"{lost.origin}/2"
    assert (head.size, latest(server.pk)) == (5, head)
    assert kept.read(server.pk) == head.note
    entry = events_of(server)[-1]
    assert entry.action == Action.LOG_RESTORED
    assert entry.data["signed_size"] == 7
    assert entry.data["signed_root"] == lost.root.hex()
    assert entry.private == {"actor": "opal", "reason": "the disk of 3 May"}
    grow(server.pk, 2)
    assert latest(server.pk).origin == head.origin


def test_the_platforms_log_has_it_too(server, opal):
    pretend_signed(server.pk, 7)
    note_restored(server.pk, "the disk of 3 May", by=opal)
    platform = type(server)(pk=PLATFORM)
    assert events_of(platform)[-1].data["server"] == str(server.pk)


def test_a_second_restore_has_a_third_origin(server, opal):
    pretend_signed(server.pk, 7)
    note_restored(server.pk, "once", by=opal)
    pretend_signed(server.pk, 9)
    assert note_restored(server.pk, "again", by=opal).origin.endswith(f"{server.pk}/3")


@pytest.mark.parametrize("signed", [False, True])
def test_a_log_that_continues_what_was_signed_needs_no_such_entry(server, opal, signed):
    grow(server.pk, 2)
    if signed:
        latest(server.pk)
    with pytest.raises(ValueError, match=r"nothing was ever signed|continues its last checkpoint"):
        note_restored(server.pk, "just so", by=opal)
    assert len(events_of(server)) == 2


def test_only_operators_say_that_a_log_was_restored(server, ada, mallory):
    pretend_signed(server.pk, 7)
    for by in (ada, mallory):
        with pytest.raises(OutsideAuthority):
            note_restored(server.pk, "mine", by=by)
    assert [event.is_refused for event in events_of(server)] == [True]  # ada's; not a stranger's


def test_the_command_goes_through_every_log_that_was_ever_signed(server, capsys):
    whole = uuid4()
    grow(whole, 1)
    latest(whole)
    pretend_signed(server.pk, 7)
    call_command("audit_restored", "--all", "--by", "opal", "--reason", "the disk of 3 May")

    out = capsys.readouterr().out
    assert re.fullmatch(rf"{server.pk}: goes on as .+/audit/{server.pk}/2\n", out)
    with pytest.raises(CommandError, match="continues its last checkpoint"):
        call_command("audit_restored", str(whole), "--by", "opal", "--reason", "again")
