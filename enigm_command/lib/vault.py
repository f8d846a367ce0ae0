"""Keys for metadata: one data key for each server, wrapped by a master key that lies elsewhere.

What must never happen: a name, note or handle can be read after its server's key is destroyed, or
opens under another row, column or server. What prevents it: every value is encrypted under sub-keys
of its own scope's data key; scope, column and row are bound into the ciphertext; the data key is
stored only wrapped, in one row, and deleting that row is the destruction.

AES-256-GCM (NIST SP 800-38D) with random 96-bit nonces; sub-keys by HKDF-SHA256 (RFC 5869).
Wrapped key:  version | master key number | nonce 12 | ciphertext and tag
Sealed value: version | data key number   | nonce 12 | ciphertext and tag
Data keys never rotate, because handles are made from them; the master key does (`rotation`).
"""

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.core.exceptions import ImproperlyConfigured

from . import ring
from .models import DataKey

PLATFORM = UUID(int=0)  # the scope of what belongs to no server
VERSION, DATA_KEY_NUMBER = 1, 1
DATA_KEY, NONCE = 32, 12  # bytes
REMEMBERED = 1000  # unwrapped keys a process keeps
REMEMBERED_FOR = 60.0  # seconds: how long another process may go on opening a destroyed scope


class Unreadable(Exception):
    """The value does not open here: its key is gone, or it stands in the wrong place."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The sub-keys of one scope."""

    field: AESGCM
    index: bytes
    handle: bytes


# --- what is done with a scope's keys -------------------------------------------------------------
def seal(scope: UUID, place: str, text: str) -> bytes:
    """Encrypt `text` so that it opens only at `place` ("table.column|row id") in this scope."""
    return _encrypt(_keys(scope).field, DATA_KEY_NUMBER, text.encode(), _bound(scope, place))


def unseal(scope: UUID, place: str, sealed: bytes) -> str:
    """The text again; Unreadable when the key is gone or the value was moved or changed."""
    return _decrypt(_keys(scope).field, sealed, _bound(scope, place)).decode()


def index(scope: UUID, text: str) -> bytes:
    """16 bytes that are equal for equal texts of one scope and say nothing across scopes."""
    return _mac(_keys(scope).index, text)[:16]


def handle(scope: UUID, text: str) -> UUID:
    """A pseudonym of `text`: stable in this scope, unlinkable elsewhere, void without the key."""
    return UUID(bytes=_mac(_keys(scope).handle, text)[:16])


def remembers(scope: UUID) -> bool:
    """Was this scope's key read within the last minute, so that it is not read again?"""
    return _remembered.get(scope, (0.0, None))[0] >= time.monotonic()


def reopen(scope: UUID) -> None:
    """Read a scope's key anew, remembered or not: time then does not tell who was here lately."""
    _remembered[scope] = (time.monotonic() + REMEMBERED_FOR, _opened(scope))


def have_at_hand(scopes: Iterable[UUID]) -> None:
    """Read the keys of many scopes in one query, where a page opens something of each.

    What has no key is left to fail where it is opened.
    """
    missing = [scope for scope in scopes if not remembers(scope)]
    rows = DataKey.objects.filter(pk__in=missing) if missing else DataKey.objects.none()
    for scope, wrapped in rows.values_list("scope", "wrapped"):
        _remember(scope, _derived(scope, bytes(wrapped)))


# --- the life of keys -----------------------------------------------------------------------------
def make_key(scope: UUID) -> None:
    """Give a scope its data key. Safe to call again: the first key stays."""
    wrapped = wrap(scope, secrets.token_bytes(DATA_KEY))
    DataKey.objects.bulk_create([DataKey(scope=scope, wrapped=wrapped)], ignore_conflicts=True)


def destroy_key(scope: UUID) -> None:
    """Make everything sealed in this scope unreadable. Other processes forget within a minute."""
    DataKey.objects.filter(pk=scope).delete()
    _remembered.pop(scope, None)


def forget() -> None:
    """Drop every key this process remembers."""
    _remembered.clear()


def wrap(scope: UUID, key: bytes) -> bytes:
    """A data key as it is stored: it opens for this scope alone, by the newest master key."""
    number, master = ring.newest()
    return _encrypt(master, number, key, scope.bytes)


def unwrap(scope: UUID, wrapped: bytes) -> bytes:
    """The data key again; Unreadable when it was wrapped for another scope, or by another ring."""
    master = ring.masters().get(wrapped[1])
    if master is None:
        raise ImproperlyConfigured(
            f"ENIGM_MASTER_KEYS_FILE lacks master key {wrapped[1]}, which wrapped keys of this"
            " database: put back the ring that has it."
        )
    return _decrypt(master, wrapped, scope.bytes)


def check() -> None:
    """ImproperlyConfigured unless the ring is the one that wrapped this database's keys."""
    for row in DataKey.objects.one_of_each_master():
        wrapped = bytes(row.wrapped)
        try:
            unwrap(row.scope, wrapped)
        except Unreadable:
            raise ImproperlyConfigured(
                f"ENIGM_MASTER_KEYS_FILE holds another master key {wrapped[1]} than the one that"
                " wrapped the keys of this database: put back the ring that belongs to it."
            ) from None


# --- helpers --------------------------------------------------------------------------------------
_remembered: OrderedDict[UUID, tuple[float, Keys]] = OrderedDict()


def _keys(scope: UUID) -> Keys:
    until, keys = _remembered.get(scope, (0.0, None))
    if keys is None or until < time.monotonic():
        keys = _opened(scope)
        _remember(scope, keys)
    return keys


def _remember(scope: UUID, keys: Keys) -> None:
    _remembered[scope] = (time.monotonic() + REMEMBERED_FOR, keys)
    while len(_remembered) > REMEMBERED:
        _remembered.popitem(last=False)


def _opened(scope: UUID) -> Keys:
    wrapped = DataKey.objects.filter(pk=scope).values_list("wrapped", flat=True).first()
    if wrapped is None:
        raise Unreadable(f"scope {scope} has no key")
    return _derived(scope, bytes(wrapped))


def _derived(scope: UUID, wrapped: bytes) -> Keys:
    key = unwrap(scope, wrapped)
    return Keys(AESGCM(_sub(key, "field")), _sub(key, "index"), _sub(key, "handle"))


def _sub(key: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, None, f"enigm {purpose} 1".encode()).derive(key)


def _mac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), hashlib.sha256)


def _bound(scope: UUID, place: str) -> bytes:
    return f"{scope}|{place}".encode()


def _encrypt(key: AESGCM, number: int, plain: bytes, bound: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE)
    return bytes([VERSION, number]) + nonce + key.encrypt(nonce, plain, bound)


def _decrypt(key: AESGCM, sealed: bytes, bound: bytes) -> bytes:
    if not sealed or sealed[0] != VERSION:
        raise Unreadable("not a sealed value of this version")
    try:
        return key.decrypt(sealed[2 : 2 + NONCE], sealed[2 + NONCE :], bound)
    except (InvalidTag, ValueError) as error:
        raise Unreadable("wrong key, wrong place, or changed") from error
