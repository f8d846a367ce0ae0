#!/usr/bin/env python3
"""Check a log that Enigm Command exported: offline, with Python 3.9 or newer and nothing else.

Intact means: the log's key signed the checkpoint; every entry is canonical, has the next number,
this log's name and no earlier time; entries and all tiles hash to the signed root; each personal
value shown is the one recorded; the log begins with what each --old checkpoint signed; and, with
--complete, values not shown are recorded as erased. Else the first thing wrong is named (status 1).
Formats: C2SP signed-note, tlog-checkpoint, -cosignature, -tiles, -proof; RFC 6962, RFC 8785.
"""

import argparse
import json
import re
from base64 import b64decode
from collections.abc import Iterator
from hashlib import sha256, sha512
from pathlib import Path
from typing import Any

HASH, TILE = 32, 256  # bytes of a hash, hashes of a full tile
SIGNATURE_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
UNREADABLE = (ValueError, LookupError, TypeError, AttributeError)  # what broken data raise
CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
Keys = dict[tuple[str, bytes], bytes]  # (name, id) to type (1 a log's, 4 a witness's) and key


class NotIntact(Exception):
    """The first thing wrong."""


# --- signatures: Ed25519, verifying only (RFC 8032, section 6; points are X, Y, Z, T) -------------
P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D, ROOT = -121665 * pow(121666, -1, P) % P, pow(2, (P - 1) // 4, P)


def ed25519_verifies(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the holder of this key signed exactly this message."""
    key, nonce = _point(public), _point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if not key or not nonce or scalar >= ORDER or len(public + signature) != 96:
        return False
    digest = int.from_bytes(sha512(signature[:32] + public + message).digest(), "little") % ORDER
    one, other = _times(scalar, BASE), _plus(nonce, _times(digest, key))
    return all((one[i] * other[2] - other[i] * one[2]) % P == 0 for i in (0, 1))


def _point(encoded: bytes) -> tuple:
    sign, y = divmod(int.from_bytes(encoded, "little"), 2**255)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * ROOT % P
    if y >= P or x * x % P != square or (sign and not x):
        return ()  # no point has this form
    x = x if x & 1 == sign else P - x
    return x, y, 1, x * y % P


def _plus(p: tuple, q: tuple) -> tuple:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(scalar: int, point: tuple) -> tuple:
    if not scalar:
        return 0, 1, 1, 0
    rest = _times(scalar >> 1, _plus(point, point))
    return _plus(rest, point) if scalar & 1 else rest


BASE = _point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def read_keys(vkeys: list[str]) -> Keys:
    """Read verifier keys: name+hex(id)+base64(type, public key)."""
    keys = {}
    for vkey in vkeys:
        name, id, encoded = vkey.strip().split("+", 2)
        key = b64decode(encoded, validate=True)
        if sha256(name.encode() + b"\n" + key).hexdigest()[:8] != id or key[0] not in (1, 4):
            raise NotIntact(f"{vkey} is not the Ed25519 key of a log or a witness")
        keys[name, bytes.fromhex(id)] = key
    return keys


def open_note(note: bytes, keys: Keys) -> tuple[str, set]:
    """The text, and those of the keys that signed it. Signatures by others are passed over."""
    text, _, lines = note.decode().rpartition("\n\n")
    signers = set()
    for line in lines.rstrip("\n").split("\n"):
        if not (match := SIGNATURE_LINE.fullmatch(line)):
            raise NotIntact("a signature line is not well formed")
        signature = b64decode(match[2], validate=True)
        signer = match[1], signature[:4]
        if signer in keys and not _signed(keys[signer], text + "\n", signature[4:]):
            raise NotIntact(f"the signature by {match[1]} is wrong")
        signers.add(signer)
    return text + "\n", signers & keys.keys()


def _signed(key: bytes, text: str, signature: bytes) -> bool:
    if key[0] == 4:  # a witness also signs the time
        time, signature = int.from_bytes(signature[:8], "big"), signature[8:]
        text = f"cosignature/v1\ntime {time}\n{text}"
    return ed25519_verifies(key[1:], text.encode(), signature)


def open_checkpoint(note: bytes, keys: Keys, witnesses: Keys) -> tuple[str, int, bytes]:
    """Origin, size and root, which one of the log's keys and all of the witnesses signed."""
    text, signers = open_note(note, {**keys, **witnesses})
    origin, size, root = text.split("\n")[:3]
    if not any(name == origin and (name, id) in signers for name, id in keys):
        raise NotIntact(f"{origin} did not sign with a key that was given")
    if missing := witnesses.keys() - signers:
        raise NotIntact(f"no signature by the witness {missing.pop()[0]}")
    return origin, int(size), b64decode(root, validate=True)


# --- an export, and the tree ----------------------------------------------------------------------
def tile_path(level: object, n: int, width: int = TILE) -> str:
    """Where a tile lies: its number in groups of three digits, .p/<width> unless it is full."""
    groups = f"{n % 1000:03d}"
    while n := n // 1000:
        groups = f"x{n % 1000:03d}/{groups}"
    return f"tile/{level}/{groups}" + ("" if width == TILE else f".p/{width}")


class Folder:
    """An export: tiles, bundles (entries after their lengths in two bytes), personal values."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def tile(self, level: int, n: int, width: int) -> bytes:
        return (self.path / tile_path(level, n, width)).read_bytes()

    def bundle(self, n: int, width: int) -> bytes:
        return (self.path / tile_path("entries", n, width)).read_bytes()

    def disclosed(self) -> Iterator[tuple]:
        """(entry, field, salt in hex, value) in the order of entries; none if all are withheld."""
        if (self.path / "private.jsonl").exists():
            with (self.path / "private.jsonl").open(encoding="utf-8") as lines:
                yield from (tuple(json.loads(line)) for line in lines)


def node(left: bytes, right: bytes) -> bytes:
    """The hash of two neighbouring subtrees."""
    return sha256(b"\1" + left + right).digest()


def root_of(subtrees: list[bytes]) -> bytes:
    """The root of a tree from the roots of its perfect subtrees, largest first."""
    root = subtrees[-1] if subtrees else sha256(b"").digest()
    for subtree in reversed(subtrees[:-1]):
        root = node(subtree, root)
    return root


def climb(hash: bytes, index: int, size: int, proof: list[bytes]) -> bytes:
    """The root that a leaf leads to, with the hashes beside its path."""
    if size == 1 and not proof:
        return hash
    *below, beside = proof
    middle = 1 << (size - 1).bit_length() - 1
    if index < middle:
        return node(climb(hash, index, middle, below), beside)
    return node(beside, climb(hash, index - middle, size - middle, below))


# --- checking -------------------------------------------------------------------------------------
class Check:
    """Goes through a Folder, or what answers like one. `known` are the signed roots, by size."""

    def __init__(self, log: Any, stream: str, size: int, known: dict[int, bytes]) -> None:
        self.log, self.stream, self.size, self.known, self.time = log, stream, size, known, ""
        self.at = self.agreed = self.shown = self.hidden = self.erased = 0
        self.subtrees: list[bytes] = []  # roots of the perfect ones so far
        self.tiles: dict[int, bytes] = {}  # by level, the one being compared
        self.values = log.disclosed()
        self.value = next(self.values, None)

    def run(self) -> "Check":
        self._compare_root()
        for n in range(-(-self.size // TILE)):
            end = min(self.size, (n + 1) * TILE)
            self._bundle(self.log.bundle(n, end - self.at), end)
        if self.value:
            raise NotIntact(f"entry {self.value[0]}: a personal value stands out of place")
        return self

    def _bundle(self, bundle: bytes, end: int) -> None:
        start = 0
        while start < len(bundle) and self.at < end:
            stop = start + 2 + int.from_bytes(bundle[start : start + 2], "big")
            try:
                self._entry(bundle[start + 2 : stop])
            except UNREADABLE as error:
                raise NotIntact(f"entry {self.at}: {error}") from error
            start = stop
        if start != len(bundle) or self.at < end:
            raise NotIntact(f"entry {self.at}: its bundle has too many bytes, or too few")

    def _entry(self, leaf: bytes) -> None:
        self._compare_tile(0, self.at, hash := sha256(b"\0" + leaf).digest())
        entry = json.loads(leaf.decode())
        if CANONICAL.encode(entry).encode() != leaf:
            raise NotIntact(f"entry {self.at}: not in canonical form")
        if (entry["seq"], entry["stream"]) != (self.at, self.stream):
            raise NotIntact(f"entry {self.at}: it says {entry['seq']} of {entry['stream']}")
        if entry["at"] < self.time:
            raise NotIntact(f"entry {self.at}: older than the one before it")
        self.time = entry["at"]
        self.erased += entry["data"]["count"] if entry["action"] == "audit.erased" else 0
        self._personal(entry["commit"])
        self._grow(hash)

    def _personal(self, commits: dict[str, str]) -> None:
        while self.value and self.value[0] == self.at:
            _, field, salt, value = self.value
            digest = sha256(bytes.fromhex(salt) + value.encode()).hexdigest() if salt else None
            if commits.pop(field, "") != digest:
                raise NotIntact(f"entry {self.at}: {field} is not what was recorded")
            self.value, self.shown = next(self.values, None), self.shown + 1
        self.hidden += len(commits)

    def _grow(self, hash: bytes) -> None:
        n, level = self.at, 0
        while n & 1:
            hash, n, level = node(self.subtrees.pop(), hash), n >> 1, level + 1
            if level % 8 == 0:
                self._compare_tile(level // 8, n, hash)
        self.subtrees.append(hash)
        self.at += 1
        self._compare_root()

    def _compare_tile(self, level: int, n: int, hash: bytes) -> None:
        if n % TILE == 0:
            width = min(TILE, (self.size >> 8 * level) - n)
            self.tiles[level] = self.log.tile(level, n // TILE, width)
        if self.tiles[level][n % TILE * HASH :][:HASH] != hash:
            raise NotIntact(f"entries {n * TILE**level} to {self.at}: not what their tile says")

    def _compare_root(self) -> None:
        if self.at in self.known:
            if root_of(self.subtrees) != self.known[self.at]:
                raise NotIntact(f"entries {self.agreed} to {self.at - 1}: not what was signed")
            self.agreed = self.at


def check_folder(asked: argparse.Namespace, keys: Keys, witnesses: Keys) -> str:
    """Check an export; what was found."""
    origin, size, root = open_checkpoint((asked.path / "checkpoint").read_bytes(), keys, witnesses)
    known = {size: root}
    for file in asked.old:
        _, old_size, old_root = open_checkpoint(file.read_bytes(), keys, {})
        if known.setdefault(old_size, old_root) != old_root:
            raise NotIntact(f"SPLIT VIEW: two signed checkpoints of {old_size} entries differ")
        if old_size > size:
            raise NotIntact(f"{file} was signed for {old_size} entries, and {size} are here")
    log = Check(Folder(asked.path), origin.rpartition("/audit/")[2][:36], size, known).run()
    if asked.complete and log.hidden != log.erased:
        raise NotIntact(f"{log.hidden} values are missing, {log.erased} are recorded as erased")
    return f"{size} entries; {log.shown} personal values shown, {log.hidden} erased or withheld"


def check_proof(asked: argparse.Namespace, keys: Keys, witnesses: Keys) -> str:
    """Check the proof of one entry, which it carries as its extra data; the entry."""
    head, _, note = asked.path.read_bytes().partition(b"\n\n")
    extra, index, *proof = head.decode().removeprefix("c2sp.org/tlog-proof@v1\n").split("\n")
    leaf, number = b64decode(extra.removeprefix("extra ")), int(index.removeprefix("index "))
    _, size, root = open_checkpoint(note, keys, witnesses)
    if climb(sha256(b"\0" + leaf).digest(), number, size, [*map(b64decode, proof)]) != root:
        raise NotIntact(f"entry {number} does not lead to the signed root")
    return f"entry {number} of {size} is {leaf.decode()}"


def main(arguments: "list[str] | None" = None) -> int:
    """Say what was found; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path, help="an export's folder, or one entry's .tlog-proof")
    parser.add_argument("--vkey", action="append", required=True, help="the log's; may be repeated")
    parser.add_argument("--old", action="append", default=[], type=Path, help="earlier checkpoints")
    parser.add_argument("--witness", action="append", default=[], help="a witness's verifier key")
    parser.add_argument("--complete", action="store_true", help="nothing may be withheld")
    asked = parser.parse_args(arguments)
    check = check_folder if asked.path.is_dir() else check_proof
    try:
        found = check(asked, read_keys(asked.vkey), read_keys(asked.witness))
    except (NotIntact, OSError, *UNREADABLE) as wrong:
        print(f"NOT INTACT: {wrong}")
        return 1
    print(f"INTACT: {found}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
