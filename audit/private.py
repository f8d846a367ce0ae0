"""Personal values of an entry: outside the tree, sealed, and bound to it by a commitment.

Commitment = SHA-256(salt || value), 32 random bytes of salt for each value: whoever is shown salt
and value can check the leaf, and nobody can guess an erased value from it.
"""

import hashlib
import secrets
from base64 import b64encode
from uuid import UUID

from enigm_command.lib import vault

SALT = 32


def commit(stream: UUID, field: str, value: str) -> dict[str, str]:
    """What the database is given for one value: {"commit": hex, "sealed", "mark": base64}."""
    salt = secrets.token_bytes(SALT)
    digest = hashlib.sha256(salt + value.encode()).hexdigest()
    sealed = vault.seal(stream, _place(field, digest), salt.hex() + value)
    marked = b64encode(mark(stream, field, value)).decode()
    return {"commit": digest, "sealed": b64encode(sealed).decode(), "mark": marked}


def mark(stream: UUID, field: str, value: str) -> bytes:
    """By what equal values of one field are found in one log, and in no other."""
    return vault.index(stream, f"{field}|{value}")


def disclose(stream: UUID, field: str, digest: str, sealed: bytes) -> tuple[bytes, str]:
    """Salt and value of one field; vault.Unreadable when the stream's key is gone."""
    opened = vault.unseal(stream, _place(field, digest), sealed)
    return bytes.fromhex(opened[: 2 * SALT]), opened[2 * SALT :]


def _place(field: str, digest: str) -> str:
    return f"audit_private.{field}|{digest}"
