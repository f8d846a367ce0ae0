"""Signed notes and the checkpoints of logs in them, byte for byte as C2SP writes them.

Sources: c2sp.org/signed-note, /tlog-checkpoint, /tlog-cosignature. A note is a text, an empty line
and signature lines. A checkpoint is a note whose text is three lines: origin, size, root.
Signature line: EM DASH, space, key name, space, base64(key id || signature).
Key id:         the first 4 bytes of SHA-256(name || newline || type || public key).
Verifier key:   name+hex(key id)+base64(type || public key), "vkey" for short.
"""

import hashlib
import re
import struct
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519, COSIGNATURE = 0x01, 0x04
SIGNATURE_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")


class Unsigned(Exception):
    """The note is not well formed, or nobody whose key we hold has signed it."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key with its name. Type COSIGNATURE is a witness's, which also signs a time."""

    name: str
    public: bytes
    type: int = ED25519

    @classmethod
    def parse(cls, vkey: str) -> Self:
        """Read a verifier key; ValueError when it is none."""
        name, id, encoded = vkey.split("+", 2)
        key = b64decode(encoded, validate=True)
        verifier = cls(name, key[1:], key[0])
        if len(key) != 33 or verifier.id.hex() != id or verifier.type not in (ED25519, COSIGNATURE):
            raise ValueError(f"{vkey} is no Ed25519 verifier key")
        return verifier

    @property
    def vkey(self) -> str:
        return f"{self.name}+{self.id.hex()}+{b64encode(self._key).decode()}"

    @property
    def id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + self._key).digest()[:4]

    @property
    def _key(self) -> bytes:
        return bytes([self.type]) + self.public

    def verifies(self, text: str, signature: bytes) -> bool:
        """Whether this key made the signature over exactly this text."""
        signed = text.encode()
        if self.type == COSIGNATURE:
            time, signature = signature[:8], signature[8:]
            signed = cosigned(text, int.from_bytes(time, "big"))
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, signed)
        except InvalidSignature:
            return False
        return True


def cosigned(text: str, time: int) -> bytes:
    """What a witness signs: the text of a checkpoint, and when it was seen (Unix seconds)."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def sign(text: str, name: str, key: Ed25519PrivateKey) -> str:
    """The note: the text, which ends in a newline, signed in this name."""
    verifier = Verifier(name, key.public_key().public_bytes_raw())
    return f"{text}\n{signature_line(verifier, key.sign(text.encode()))}"


def cosignature_line(text: str, name: str, key: Ed25519PrivateKey, time: int) -> str:
    """The line that a witness adds below a checkpoint with this text."""
    verifier = Verifier(name, key.public_key().public_bytes_raw(), COSIGNATURE)
    return signature_line(verifier, struct.pack(">Q", time) + key.sign(cosigned(text, time)))


def signature_line(verifier: Verifier, signature: bytes) -> str:
    """One line below a note."""
    return f"— {verifier.name} {b64encode(verifier.id + signature).decode()}\n"


def open_note(note: str, verifiers: Iterable[Verifier]) -> tuple[str, list[Verifier]]:
    """The text of a note, and who of these signed it. Signatures by others are passed over.

    Raises Unsigned when nobody did, or when a signature in the name of one of these is wrong.
    """
    text, separator, signatures = note.rpartition("\n\n")
    text += "\n"
    known = {(verifier.name, verifier.id): verifier for verifier in verifiers}
    signers = []
    for line in signatures.removesuffix("\n").split("\n"):
        name, id, signature = _read_line(line)
        if verifier := known.get((name, id)):
            if not verifier.verifies(text, signature):
                raise Unsigned(f"the signature by {name} is wrong")
            signers.append(verifier)
    if not separator or not signers:
        raise Unsigned("nobody whose key is known has signed this")
    return text, signers


def _read_line(line: str) -> tuple[str, bytes, bytes]:
    if not (match := SIGNATURE_LINE.fullmatch(line)):
        raise Unsigned("a signature line is not well formed")
    try:
        signed = b64decode(match[2], validate=True)
    except ValueError:
        raise Unsigned("a signature is not base64") from None
    return match[1], signed[:4], signed[4:]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed statement: the log of this origin has `size` entries, and this is their root."""

    origin: str
    size: int
    root: bytes
    note: str

    @classmethod
    def sign(cls, origin: str, size: int, root: bytes, key: Ed25519PrivateKey) -> Self:
        """State it, in the name of the log itself."""
        text = f"{origin}\n{size}\n{b64encode(root).decode()}\n"
        return cls(origin, size, root, sign(text, origin, key))

    @classmethod
    def open(cls, note: str, verifiers: Iterable[Verifier]) -> Self:
        """Read a checkpoint that the log signed; Unsigned when it did not, or says something else.

        `verifiers` are keys of logs. Cosignatures below it are left where they are.
        """
        text, _ = open_note(note, verifiers)
        lines = text.removesuffix("\n").split("\n")
        if len(lines) < 3 or not NUMBER.fullmatch(lines[1]):
            raise Unsigned("the note is not a checkpoint")
        return cls(lines[0], int(lines[1]), b64decode(lines[2], validate=True), note)

    @property
    def text(self) -> str:
        """The three lines that are signed."""
        return self.note.rpartition("\n\n")[0] + "\n"
