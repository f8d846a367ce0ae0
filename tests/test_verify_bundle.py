"""The offline check says yes to what is intact, and names the first thing wrong in what is not."""

import hashlib
import json
import random
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit import note
from audit.note import Checkpoint, Verifier
from audit.tree import TILE, Tree
from audit.verify_bundle import ed25519_verifies, tile_path
from tests.logs import MemoryTiles, check

pytestmark = pytest.mark.requirement("R28")

STREAM = "00000000-0000-4000-8000-000000000001"
ORIGIN = f"panel.example.org/audit/{STREAM}"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
VKEY = Verifier(ORIGIN, KEY.public_key().public_bytes_raw()).vkey
WITNESS_KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
WITNESS = Verifier("witness.example/w", WITNESS_KEY.public_key().public_bytes_raw(), 4)


@dataclass
class Bundle:
    """An export in the making, which a test may spoil before or after it is signed."""

    folder: Path
    leaves: list[bytes] = field(default_factory=list)
    values: list[tuple[int, str, str | None, str | None]] = field(default_factory=list)

    def add(self, value: str | None = None, **changes: Any) -> "Bundle":
        """One more entry, by whom `value` names. `changes` are what it should not say."""
        seq, salt = len(self.leaves), bytes([len(self.leaves) % 256]) * 32
        commit = {"actor": commitment(salt, value)} if value else {}
        if value:
            self.values.append((seq, "actor", salt.hex(), value))
        said = {
            "action": "server.renamed",
            "at": f"2026-11-22T06:09:{seq / 1000:09.6f}Z",
            "commit": commit,
            "data": {"n": seq},
            "seq": seq,
            "stream": STREAM,
            "v": 1,
        }
        self.leaves.append(canonical({**said, **changes}))
        return self

    def grow(self, count: int) -> "Bundle":
        for _ in range(count):
            self.add(f"ada {len(self.leaves)}")
        return self

    def head(self, size: int | None = None) -> Checkpoint:
        size = len(self.leaves) if size is None else size
        root = Tree(len(self.leaves), MemoryTiles(self.leaves)).root(size)
        return Checkpoint.sign(ORIGIN, size, root, KEY)

    def write(self) -> Path:
        """The folder, signed as it now is."""
        size, tiles = len(self.leaves), MemoryTiles(self.leaves)
        self.put("checkpoint", self.head().note.encode())
        lines = [json.dumps(value, ensure_ascii=False) + "\n" for value in self.values]
        self.put("private.jsonl", "".join(lines).encode())
        for level, hashes in enumerate(tiles.levels):
            for n in range(-(-len(hashes) // TILE)):
                width = min(TILE, len(hashes) - n * TILE)
                self.put(tile_path(level, n, width), tiles.tile(level, n, width))
        for n in range(-(-size // TILE)):
            part = self.leaves[n * TILE : (n + 1) * TILE]
            entries = [len(leaf).to_bytes(2, "big") + leaf for leaf in part]
            self.put(tile_path("entries", n, len(part)), b"".join(entries))
        return self.folder

    def put(self, name: str, content: bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def alter(self, name: str, was: bytes, becomes: bytes) -> None:
        content = (self.folder / name).read_bytes()
        assert content.count(was) >= 1
        (self.folder / name).write_bytes(content.replace(was, becomes, 1))


def canonical(said: Any) -> bytes:
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def commitment(salt: bytes, value: str) -> str:
    return hashlib.sha256(salt + value.encode()).hexdigest()


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    return Bundle(tmp_path / "log")


@pytest.fixture
def verdict(bundle, capsys):
    """Runs the check on the bundle's folder."""
    return lambda *options: check(capsys, bundle.folder, VKEY, *options)


@pytest.fixture
def kept(tmp_path):
    """Keeps a checkpoint in a file, as its reader would."""

    def keep(head: Checkpoint) -> tuple[str, Path]:
        path = tmp_path / f"kept-{len(list(tmp_path.iterdir()))}"
        path.write_text(head.note)
        return "--old", path

    return keep


# --- signatures -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("public", "message", "signature"),
    [
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701"
            "cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d"
            "0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f7609"
            "84dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ],
)
def test_the_signatures_of_rfc_8032(public, message, signature):
    """RFC 8032, section 7.1, tests 1 to 3."""
    key, said, signed = map(bytes.fromhex, (public, message, signature))
    assert ed25519_verifies(key, said, signed)
    assert not ed25519_verifies(key, said + b"x", signed)
    for broken in (signed[:-1], signed + b"\0", bytes(64), signed[:32] + b"\xff" * 32):
        assert not ed25519_verifies(key, said, broken)


def test_signatures_by_another_implementation():
    made = random.Random(8032)
    for length in range(20):
        key = Ed25519PrivateKey.from_private_bytes(made.randbytes(32))
        public, message = key.public_key().public_bytes_raw(), made.randbytes(length)
        signature = key.sign(message)
        assert ed25519_verifies(public, message, signature)
        flipped = bytearray(signature)
        flipped[made.randrange(64)] ^= 1 << made.randrange(8)
        assert not ed25519_verifies(public, message, bytes(flipped))


# --- what is intact -------------------------------------------------------------------------------
@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 700])
def test_a_whole_log_is_intact(bundle, verdict, size):
    bundle.grow(size).write()
    assert verdict("--complete") == (
        f"INTACT: {size} entries; {size} personal values shown, 0 erased or withheld\n"
    )


def test_a_log_of_three_levels_of_tiles_is_intact(bundle, verdict):
    for _ in range(TILE**2 + TILE + 1):
        bundle.add()
    bundle.write()
    assert (bundle.folder / "tile/2/000.p/1").exists()
    assert verdict().startswith("INTACT: 65793 entries")
    bundle.alter("tile/1/001.p/1", b"", b"x")
    assert "entries 65536 to 65791: not what their tile says" in verdict()


def test_values_may_be_withheld_and_then_it_is_not_complete(bundle, verdict):
    bundle.grow(3).write()
    (bundle.folder / "private.jsonl").unlink()
    assert "0 personal values shown, 3 erased or withheld" in verdict()
    assert verdict("--complete") == ("NOT INTACT: 3 values are missing, 0 are recorded as erased\n")


def test_what_is_recorded_as_erased_may_be_missing(bundle, verdict):
    bundle.grow(3).add(action="audit.erased", data={"count": 2, "reason": "asked"})
    del bundle.values[:2]
    bundle.write()
    assert "1 personal values shown, 2 erased or withheld" in verdict("--complete")


# --- what is not ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("file", "was", "becomes", "found"),
    [
        ("checkpoint", b"\n300\n", b"\n299\n", "the signature by .* is wrong"),
        ("checkpoint", "— p".encode(), "— q".encode(), ".* did not sign with a key that was given"),
        ("checkpoint", "— ".encode(), b"- ", "a signature line is not well formed"),
        ("checkpoint", b"\n\n", b"\n", ".*"),
        ("tile/entries/000", b'"n":77}', b'"n":78}', "entries 77 to 77: not what their tile says"),
        ("tile/entries/000", b'"n":77}', b'"n":7}', "entries 77 to 77: not what their tile says"),
        ("tile/entries/001.p/44", b'"n":299}', b'"n":298}', "entries 299 to 299: not what .*"),
        ("tile/0/000", b"", b"x", "entries 0 to 0: not what their tile says"),
        ("tile/1/000.p/1", b"", b"x", "entries 0 to 255: not what their tile says"),
        ("private.jsonl", b'"ada 5"', b'"eve 5"', "entry 5: actor is not what was recorded"),
        ("private.jsonl", b'[5, "actor"', b'[5, "subject"', "entry 5: subject is not what .*"),
        ("private.jsonl", b'[5, "actor"', b'[4, "actor"', "entry 4: actor is not what .*"),
        ("private.jsonl", b'[299, "actor"', b'[300, "actor"', "entry 300: a personal value .*"),
        ("private.jsonl", b'[7, "actor", "0', b'[7, "actor", "x', "entry 7: non-hexadecimal .*"),
    ],
)
def test_the_first_thing_wrong_is_named(bundle, verdict, file, was, becomes, found):
    bundle.grow(300).write()
    bundle.alter(file, was, becomes)
    said = verdict()
    assert said.status == 1
    assert re.fullmatch(f"NOT INTACT: {found}\n", said)


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"seq": 5}, "entry 4: it says 5 of "),
        ({"stream": STREAM[:-1] + "2"}, "entry 4: it says 4 of .*2"),
        ({"at": "2026-11-22T06:09:00.001000Z"}, "entry 4: older than the one before it"),
        ({"commit": {"actor": "00"}}, "entry 4: actor is not what was recorded"),
        ({"action": "audit.erased", "data": {}}, "entry 4: 'count'"),
    ],
)
def test_what_a_log_may_not_sign_is_named_too(bundle, verdict, changes, found):
    bundle.grow(4).add("ada 4", **changes).grow(2).write()
    assert re.match(f"NOT INTACT: {found}", verdict())


@pytest.mark.parametrize(
    "leaf", [b"{}", b"[]", b"7", b"", b"\xff", b'{"seq": 4}', b'{"seq":4,"seq":4}', b"x" * 65_535]
)
def test_what_is_no_entry_is_named(bundle, verdict, leaf):
    bundle.grow(4)
    bundle.leaves.append(leaf)
    bundle.write()
    assert re.match("NOT INTACT: entry 4: ", verdict())


def test_an_entry_in_another_form_is_not_the_same_entry(bundle, verdict):
    bundle.grow(4)
    bundle.leaves.append(json.dumps(json.loads(bundle.add().leaves.pop())).encode())
    bundle.write()
    assert verdict() == "NOT INTACT: entry 4: not in canonical form\n"


@pytest.mark.parametrize(
    ("leaves", "found"),
    [(slice(0, 3), "entry 3: its bundle has too many bytes, or too few"),
     (slice(0, 0), "entry 0: its bundle has too many bytes, or too few")],
)  # fmt: skip
def test_a_bundle_that_lacks_entries_is_named(bundle, verdict, leaves, found):
    bundle.grow(4).write()
    entries = [len(leaf).to_bytes(2, "big") + leaf for leaf in bundle.leaves]
    bundle.put("tile/entries/000.p/4", b"".join(entries[leaves]))
    assert verdict() == f"NOT INTACT: {found}\n"
    bundle.put("tile/entries/000.p/4", b"".join([*entries, entries[0]]))
    assert verdict() == "NOT INTACT: entry 4: its bundle has too many bytes, or too few\n"


@pytest.mark.parametrize("name", ["checkpoint", "tile/entries/000", "tile/0/000", "tile/1/000.p/1"])
def test_a_file_that_is_missing_is_named(bundle, verdict, name):
    bundle.grow(300).write()
    (bundle.folder / name).unlink()
    assert re.match(f"NOT INTACT: .*No such file.*{name}", verdict())


# --- earlier checkpoints --------------------------------------------------------------------------
def test_a_log_that_only_grew_agrees_with_every_earlier_checkpoint(bundle, verdict, kept):
    bundle.grow(700)
    olds = [option for size in (0, 1, 255, 256, 300, 700) for option in kept(bundle.head(size))]
    bundle.write()
    assert verdict(*olds).status == 0


def test_a_change_is_found_between_the_checkpoints_that_it_lies_between(bundle, verdict, kept):
    bundle.grow(300)
    olds = [option for size in (100, 200, 300) for option in kept(bundle.head(size))]
    bundle.leaves[150] = bundle.leaves[150].replace(b'"n":150', b'"n":151')
    bundle.grow(9).write()
    assert verdict().status == 0
    assert verdict(*olds) == "NOT INTACT: entries 100 to 199: not what was signed\n"


def test_entries_that_were_signed_and_are_gone_are_missed(bundle, verdict, kept):
    old = kept(bundle.grow(300).head())
    del bundle.leaves[250:], bundle.values[250:]
    bundle.write()
    assert verdict().status == 0
    assert re.match("NOT INTACT: .* was signed for 300 entries, and 250 are here", verdict(*old))


def test_two_checkpoints_of_one_size_that_differ_are_a_split_view(bundle, verdict, kept):
    one = kept(bundle.grow(9).head())
    bundle.leaves[4] = bundle.leaves[4].replace(b'"n":4', b'"n":5')
    other = kept(bundle.head())
    bundle.write()
    split = "NOT INTACT: SPLIT VIEW: two signed checkpoints of 9 entries differ\n"
    assert verdict(*one) == verdict(*one, *other) == split
    assert verdict(*other).status == 0


def test_an_earlier_checkpoint_must_be_of_this_log(bundle, verdict, kept):
    bundle.grow(3).write()
    other = Checkpoint.sign(ORIGIN, 2, bytes(32), Ed25519PrivateKey.generate())
    assert re.match("NOT INTACT: .* did not sign with a key that was given", verdict(*kept(other)))


def test_an_earlier_key_is_given_beside_the_new_one(bundle, verdict, kept):
    old_key = Ed25519PrivateKey.generate()
    head = bundle.grow(3).head(2)
    old = kept(Checkpoint.sign(ORIGIN, 2, head.root, old_key))
    bundle.write()
    vkey = Verifier(ORIGIN, old_key.public_key().public_bytes_raw()).vkey
    assert verdict(*old).status == 1
    assert verdict(*old, "--vkey", vkey).status == 0


# --- witnesses ------------------------------------------------------------------------------------
@pytest.fixture
def witnessed(bundle):
    """A log whose checkpoint a witness has signed as well."""
    bundle.grow(3).write()
    head = bundle.head()
    line = note.cosignature_line(head.text, WITNESS.name, WITNESS_KEY, 1_679_315_147)
    bundle.put("checkpoint", (head.note + line).encode())
    return bundle


def test_a_witness_who_signed_is_found(witnessed, verdict):
    assert verdict().status == verdict("--witness", WITNESS.vkey).status == 0


def test_a_witness_who_did_not_is_missed(witnessed, verdict):
    other = Verifier("witness.example/other", WITNESS.public, 4)
    assert verdict("--witness", WITNESS.vkey, "--witness", other.vkey) == (
        "NOT INTACT: no signature by the witness witness.example/other\n"
    )


def test_a_witness_with_another_key_is_another(witnessed, verdict):
    other = Verifier(WITNESS.name, KEY.public_key().public_bytes_raw(), 4)
    assert verdict("--witness", other.vkey).status == 1


def test_a_witness_who_signed_at_another_time_did_not_sign_this(witnessed, verdict):
    signed = (witnessed.folder / "checkpoint").read_text()
    line = signed.splitlines()[-1].split(" ")[-1]
    later = bytearray(b64decode(line))
    later[11] += 1
    witnessed.alter("checkpoint", line.encode(), b64encode(later))
    assert verdict("--witness", WITNESS.vkey) == (
        "NOT INTACT: the signature by witness.example/w is wrong\n"
    )


def test_a_witness_cannot_stand_in_for_the_log(witnessed, capsys):
    as_witness = Verifier(WITNESS.name, WITNESS.public, 4).vkey
    assert check(capsys, witnessed.folder, as_witness).status == 1


@pytest.mark.parametrize("vkey", [VKEY[:-4] + "AAAA", "x", "a+b+c", f"{ORIGIN}+00000000+AQ=="])
def test_a_key_that_is_none_is_refused(bundle, capsys, vkey):
    bundle.write()
    assert check(capsys, bundle.folder, vkey).status == 1
