"""An export is the whole log of one moment, and anyone can check it with what lies inside."""

import io
import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from uuid import UUID, uuid4

import pymerkle
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from django.db import connection

from audit import checkpoint, export, proofs, tree, verify_bundle
from audit.erasure import erase_stream
from audit.models import AuditEvent
from audit.note import COSIGNATURE, Verifier, cosignature_line
from audit.verify_bundle import Folder, tile_path
from enigm_command.lib.spool import IN_MEMORY, Spool
from tests.logs import check, exported, grow, vkey_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.requirement("R28")]


@pytest.fixture
def stream() -> UUID:
    made = uuid4()
    grow(made, 600)
    return made


def unpacked(pieces: list[bytes], folder: Path) -> Path:
    with tarfile.open(fileobj=io.BytesIO(b"".join(pieces))) as tar:
        tar.extractall(folder, filter="data")
    (inside,) = folder.iterdir()
    return inside


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


# --- the form -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("n", "width", "path"),
    [
        (0, 256, "tile/0/000"),
        (0, 1, "tile/0/000.p/1"),
        (999, 256, "tile/0/999"),
        (1000, 256, "tile/0/x001/000"),
        (1_234_067, 256, "tile/0/x001/x234/067"),
        (273, 112, "tile/0/273.p/112"),
    ],
)
def test_known_paths_of_tiles(n, width, path):
    """c2sp.org/tlog-tiles: index 1234067 is x001/x234/067, and a tree of 70,000 entries ends with a
    partial tile of 112 hashes, number 273."""
    assert tile_path(0, n, width) == path


def test_an_export_holds_the_tiles_of_every_level_and_the_entries(stream, tmp_path):
    names = set(files(exported(stream, tmp_path / "log")))
    assert names == {
        "README.txt",
        "checkpoint",
        "private.jsonl",
        "verify_bundle.py",
        *("tile/0/000", "tile/0/001", "tile/0/002.p/88"),
        *("tile/entries/000", "tile/entries/001", "tile/entries/002.p/88"),
        "tile/1/000.p/2",
    }


def test_an_entry_bundle_is_lengths_and_entries(stream, tmp_path):
    folder = exported(stream, tmp_path / "log")
    bundle = (folder / "tile/entries/002.p/88").read_bytes()
    leaf = bytes(AuditEvent.objects.get(stream_id=stream, seq=512).leaf)
    assert bundle[: 2 + len(leaf)] == len(leaf).to_bytes(2, "big") + leaf


def test_a_personal_value_stands_with_its_salt_so_that_sha256sum_can_check_it(stream, tmp_path):
    """{ printf 'SALT' | xxd -r -p; printf 'ada 7'; } | sha256sum   is what entry 7 commits to"""
    folder = exported(stream, tmp_path / "log")
    lines = (folder / "private.jsonl").read_text().splitlines()
    seq, field, salt, value = json.loads(lines[7])
    leaf = AuditEvent.objects.get(stream_id=stream, seq=7)
    made = subprocess.run(
        ["sha256sum"], input=bytes.fromhex(salt) + value.encode(), capture_output=True, check=True
    )

    assert (seq, field, value) == (7, "actor", "ada 7")
    assert made.stdout.split()[0].decode() == leaf.said["commit"]["actor"]


def test_the_archive_is_the_folder(stream, tmp_path):
    folder = exported(stream, tmp_path / "log")
    archive = unpacked(list(export.archive(stream, disclosing=True)), tmp_path / "tar")
    assert archive.name == f"log-{stream}"
    assert files(archive) == files(folder)


def test_the_archive_comes_in_small_pieces(stream):
    pieces = list(export.archive(stream, disclosing=True))
    assert len(pieces) > 3
    assert max(map(len, pieces)) < 2**17


def test_the_readme_names_the_command_that_checks_it(stream, tmp_path):
    folder = exported(stream, tmp_path / "log")
    (command,) = [
        line.split()
        for line in (folder / "README.txt").read_text().splitlines()
        if line.startswith("    python3")
    ]
    ended = subprocess.run([sys.executable, "-I", *command[1:]], cwd=folder, capture_output=True)
    assert ended.stdout.startswith(b"INTACT: 600 entries; 600 personal values shown")


# --- checked elsewhere ----------------------------------------------------------------------------
def test_a_copy_is_checked_where_nothing_is_installed(stream, tmp_path):
    grow(stream, 3)
    old = tmp_path / "old"
    old.write_text(checkpoint.latest(stream).note)
    grow(stream, 3)
    exported(stream, tmp_path / "log")
    copy = shutil.copytree(tmp_path / "log", tmp_path / "elsewhere" / "copy")
    command = [sys.executable, "-I", "-S", copy / "verify_bundle.py", copy]
    asked = ["--complete", "--vkey", vkey_of(stream), "--old", old]
    ended = subprocess.run([*command, *asked], env={}, cwd=tmp_path, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == "INTACT: 606 entries; 606 personal values shown, 0 erased or withheld\n"


def test_another_implementation_finds_the_signed_root_in_the_exported_entries(stream, tmp_path):
    folder = exported(stream, tmp_path / "log")
    theirs = pymerkle.InmemoryTree(algorithm="sha256")
    for path in sorted((folder / "tile/entries").rglob("*")):
        bundle = path.read_bytes() if path.is_file() else b""
        while bundle:
            end = 2 + int.from_bytes(bundle[:2], "big")
            theirs.append_entry(bundle[2:end])
            bundle = bundle[end:]
    assert theirs.get_root() == checkpoint.latest(stream).root


def test_proofs_from_the_folder_are_those_from_the_database(stream, tmp_path):
    folder = Folder(exported(stream, tmp_path / "log"))
    ours = tree.Tree(600, folder)
    assert ours.inclusion(300) == proofs.inclusion(stream, 300, 600)
    assert ours.consistency(300) == proofs.consistency(stream, 300, 600)


def test_an_empty_log_is_exported_and_intact(tmp_path, capsys):
    stream = uuid4()
    folder = exported(stream, tmp_path / "log")
    assert check(capsys, folder, vkey_of(stream)).startswith("INTACT: 0 entries")


def test_it_carries_who_witnessed_what_it_signs(stream, tmp_path, capsys):
    head, key = checkpoint.latest(stream), Ed25519PrivateKey.generate()
    witness = Verifier("witness.example/w", key.public_key().public_bytes_raw(), COSIGNATURE)
    line = cosignature_line(head.text, witness.name, key, 1_679_315_147)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT audit_add_cosignature(%s, %s, %s, %s, %s)",
            [stream, head.origin, head.size, witness.name, line],
        )
    folder = exported(stream, tmp_path / "log")
    assert check(capsys, folder, vkey_of(stream), "--witness", witness.vkey).status == 0


# --- one moment -----------------------------------------------------------------------------------
def test_what_happens_meanwhile_is_not_in_it(stream, tmp_path, capsys, elsewhere):
    pieces = export.archive(stream, disclosing=True)
    begun = [next(pieces)]
    elsewhere(lambda: grow(stream, 5)).result()
    elsewhere(lambda: erase_stream(stream, "asked")).result()

    folder = unpacked([*begun, *pieces], tmp_path / "tar")
    verdict = check(capsys, folder, vkey_of(stream), "--complete")
    assert verdict == "INTACT: 600 entries; 600 personal values shown, 0 erased or withheld\n"


def test_an_export_signs_what_it_holds_and_what_is_signed_next_continues_it(stream, tmp_path):
    folder = exported(stream, tmp_path / "log")
    grow(stream, 5)
    assert (folder / "checkpoint").read_text().split("\n")[1] == "600"
    assert checkpoint.latest(stream).size == 605


def test_what_was_erased_is_gone_and_the_rest_is_complete(stream, tmp_path, capsys):
    erase_stream(stream, "asked")
    grow(stream, 2)
    folder = exported(stream, tmp_path / "log")
    assert b"ada 7" not in (folder / "private.jsonl").read_bytes()
    verdict = check(capsys, folder, vkey_of(stream), "--complete")
    assert verdict == "INTACT: 603 entries; 2 personal values shown, 600 erased or withheld\n"


# --- who may have what ----------------------------------------------------------------------------
def test_whoever_may_not_read_personal_values_gets_none(stream, tmp_path, capsys):
    call_command("audit_export", str(stream), str(tmp_path / "log"))
    assert "holds the log" in capsys.readouterr().out
    assert not any(b"ada 7" in held for held in files(tmp_path / "log").values())

    verdict = check(capsys, tmp_path / "log", vkey_of(stream))
    assert verdict == "INTACT: 600 entries; 0 personal values shown, 600 erased or withheld\n"
    assert check(capsys, tmp_path / "log", vkey_of(stream), "--complete").status == 1


def test_an_export_is_not_mixed_with_what_lies_there(stream, tmp_path):
    (tmp_path / "mine").touch()
    with pytest.raises(CommandError, match="is not empty"):
        call_command("audit_export", str(stream), str(tmp_path))


# --- one entry ------------------------------------------------------------------------------------
def test_one_entrys_proof_is_checked_alone(stream, tmp_path, capsys):
    event = AuditEvent.objects.get(stream_id=stream, seq=300)
    file = tmp_path / "entry-300.tlog-proof"
    file.write_text(proofs.tlog_proof(event))

    verdict = check(capsys, file, vkey_of(stream))
    assert verdict == f"INTACT: entry 300 of 600 is {bytes(event.leaf).decode()}\n"


def test_a_known_proof():
    """c2sp.org/tlog-proof: the lines in their order, then the checkpoint as it was signed."""
    stream = uuid4()
    grow(stream, 3, named=False)
    head, event = checkpoint.latest(stream), AuditEvent.objects.get(stream_id=stream, seq=2)
    lines = proofs.tlog_proof(event).split("\n")

    assert lines[0] == "c2sp.org/tlog-proof@v1"
    assert lines[1].startswith("extra eyJhY3Rpb24iOi")
    assert lines[2] == "index 2"
    assert len(lines[3]) == 44  # one hash: that of entries 0 and 1
    assert "\n".join(lines[4:]) == f"\n{head.note}"


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("@v1", "@v2"),
        ("extra eyJ", "extra eyK"),
        ("index 300", "index 301"),
        ("\n600\n", "\n601\n"),
        ("\n\n", "\nAAAA\n\n"),
    ],
)
def test_an_altered_proof_proves_nothing(stream, tmp_path, capsys, was, becomes):
    proof = proofs.tlog_proof(AuditEvent.objects.get(stream_id=stream, seq=300))
    (tmp_path / "p").write_text(proof.replace(was, becomes, 1))
    verdict = check(capsys, tmp_path / "p", vkey_of(stream))
    assert (verdict.status, verdict.startswith("NOT INTACT")) == (1, True)


# --- what the archive puts aside ------------------------------------------------------------------
@pytest.mark.parametrize("size", [0, 5, IN_MEMORY + 5])
def test_a_spool_gives_back_what_it_took_and_writes_it_nowhere_in_clear(size):
    with Spool([b"name ", b"x" * size]) as spool:
        assert spool.size == 5 + size
        assert b"".join(spool) == b"".join(spool) == b"name " + b"x" * size
        spool.file.seek(0)
        assert b"name" not in spool.file.read()


def test_the_shipped_file_is_the_one_that_is_tested(stream, tmp_path):
    shipped = exported(stream, tmp_path / "log") / "verify_bundle.py"
    assert shipped.read_bytes() == Path(verify_bundle.__file__).read_bytes()
