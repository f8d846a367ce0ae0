"""A passkey in software: it answers a browser's options as a device would (WebAuthn Level 3)."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64encode
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, HAS_KEY = 0x01, 0x04, 0x40
ES256 = -7


class SecurityKey:
    """One device with one passkey. What it says can be bent, as a thief's device would."""

    def __init__(self, *, origin: str = "http://localhost:8000", verifies: bool = True) -> None:
        self.origin, self.site = origin, "localhost"
        self.flags = PRESENT | (VERIFIED if verifies else 0)
        self.id = secrets.token_bytes(32)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.uses = 0

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        """The answer to `navigator.credentials.create`."""
        attestation = {"fmt": "none", "attStmt": {}, "authData": self._data(HAS_KEY, self._made())}
        return self._answer(
            clientDataJSON=self._client("webauthn.create", options),
            attestationObject=cbor2.dumps(attestation),
        )

    def sign(self, options: dict[str, Any]) -> dict[str, Any]:
        """The answer to `navigator.credentials.get`."""
        self.uses += 1
        client, data = self._client("webauthn.get", options), self._data()
        signed = data + hashlib.sha256(client).digest()
        return self._answer(
            clientDataJSON=client,
            authenticatorData=data,
            signature=self.key.sign(signed, ec.ECDSA(SHA256())),
        )

    def _answer(self, **response: bytes) -> dict[str, Any]:
        said = {name: _text(value) for name, value in response.items()}
        return {
            "id": _text(self.id),
            "rawId": _text(self.id),
            "type": "public-key",
            "response": said,
            "clientExtensionResults": {},
        }

    def _client(self, type: str, options: dict[str, Any]) -> bytes:
        said = {"type": type, "challenge": options["challenge"], "origin": self.origin}
        return json.dumps(said).encode()

    def _data(self, flags: int = 0, made: bytes = b"") -> bytes:
        site = hashlib.sha256(self.site.encode()).digest()
        return site + bytes([self.flags | flags]) + self.uses.to_bytes(4, "big") + made

    def _made(self) -> bytes:
        point = self.key.public_key().public_numbers()
        x, y = point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")
        key = cbor2.dumps({1: 2, 3: ES256, -1: 1, -2: x, -3: y})
        model = secrets.token_bytes(16)  # of which nothing may be kept
        return model + len(self.id).to_bytes(2, "big") + self.id + key


def _text(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()
