"""The keys that sign checkpoints: a file outside the database, numbered, the newest one in use.

{"1": base64 of a 32-byte Ed25519 seed, …}. Older keys stay: what they signed still verifies.
"""

import json
import secrets
from base64 import b64decode, b64encode
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from enigm_command.lib import files

from .note import Verifier


def make(path: Path) -> None:
    """Write the first key, readable by this user only. A file that is there stays."""
    if not path.exists():
        files.create(path, json.dumps({"1": _new_seed()}))


def rotate(path: Path) -> int:
    """Add a key, which signs from now on; its number."""
    seeds = json.loads(path.read_text())
    number = max(map(int, seeds)) + 1
    files.replace(path, json.dumps({**seeds, str(number): _new_seed()}))
    return number


def check() -> None:
    """ImproperlyConfigured unless the keys can be read, and by this user alone."""
    _keys()
    files.require_private(settings.AUDIT_KEYS_FILE, "AUDIT_KEYS_FILE")


def signing_key() -> Ed25519PrivateKey:
    """The newest key."""
    keys = _keys()
    return keys[max(keys)]


def verifiers(origin: str) -> list[Verifier]:
    """Every key that has ever signed, newest first, under the name of one log."""
    keys = _keys()
    return [
        Verifier(origin, keys[number].public_key().public_bytes_raw())
        for number in sorted(keys, reverse=True)
    ]


def _keys() -> dict[int, Ed25519PrivateKey]:
    path = settings.AUDIT_KEYS_FILE
    try:
        seeds = json.loads(path.read_text()).items()
        keys = {int(n): Ed25519PrivateKey.from_private_bytes(b64decode(seed)) for n, seed in seeds}
    except (OSError, ValueError, AttributeError) as error:
        raise ImproperlyConfigured(f"AUDIT_KEYS_FILE ({path}) holds no readable keys.") from error
    if not keys:
        raise ImproperlyConfigured(f"AUDIT_KEYS_FILE ({path}) is empty.")
    return keys


def _new_seed() -> str:
    return b64encode(secrets.token_bytes(32)).decode()
