"""The master keys: a small file outside the database, whose newest key wraps every data key.

{"1": base64 of 32 random bytes, …}. Older keys stay until nothing is wrapped by them any more, and
a changed file counts at once: no process has to be started again.
"""

import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from . import files

LENGTH = 32  # bytes
MOST = 255  # a wrapped key names its master key in one byte


def make(path: Path) -> None:
    """Write a new ring, readable by this user only. An existing ring stays."""
    if not path.exists():
        files.create(path, json.dumps({"1": _new_key()}))


def add() -> int:
    """Add a key, which wraps from now on; its number."""
    number = newest()[0] + 1
    if number > MOST:
        raise ImproperlyConfigured(f"{_name()} has had {MOST} keys: there is no number left.")
    files.replace(settings.MASTER_KEYS_FILE, json.dumps({**_texts(), str(number): _new_key()}))
    return number


def keep(numbers: Collection[int]) -> None:
    """Take every other key out of the ring, for good."""
    kept = {number: key for number, key in _texts().items() if int(number) in numbers}
    files.replace(settings.MASTER_KEYS_FILE, json.dumps(kept))


def newest() -> tuple[int, AESGCM]:
    """The key that wraps, with its number."""
    return max(masters().items(), key=lambda numbered: numbered[0])


def masters() -> dict[int, AESGCM]:
    """Every master key by its number; ImproperlyConfigured, in one line, if there are none."""
    path = settings.MASTER_KEYS_FILE
    try:
        return _read(path, *files.edition(path))
    except FileNotFoundError as error:
        raise ImproperlyConfigured(
            f"{_name()} is not there. Put back your copy of it; in a new production, make one by"
            " manage.py make_master_keys."
        ) from error
    except (OSError, ValueError, AttributeError) as error:
        raise ImproperlyConfigured(f"{_name()} is not a readable key ring.") from error


def check() -> None:
    """ImproperlyConfigured unless the ring can be read, and by this user alone."""
    masters()
    files.require_private(settings.MASTER_KEYS_FILE, "ENIGM_MASTER_KEYS_FILE")


@lru_cache(maxsize=2)
def _read(path: Path, *edition: int) -> dict[int, AESGCM]:
    """The keys as the file held them in that edition."""
    texts = json.loads(path.read_text())
    keys = {int(number): b64decode(text, validate=True) for number, text in texts.items()}
    if not keys or not all(0 < n <= MOST and len(key) == LENGTH for n, key in keys.items()):
        raise ValueError("a ring holds keys of 32 bytes, numbered from 1")
    return {number: AESGCM(key) for number, key in keys.items()}


def _texts() -> dict[str, str]:
    texts: dict[str, str] = json.loads(settings.MASTER_KEYS_FILE.read_text())
    return texts


def _new_key() -> str:
    return b64encode(secrets.token_bytes(LENGTH)).decode()


def _name() -> str:
    return f"ENIGM_MASTER_KEYS_FILE ({settings.MASTER_KEYS_FILE})"
