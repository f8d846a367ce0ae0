"""Stands in for Enigm's identity service in development: makes keys and issues app tokens.

Its private key never leaves the state folder, and nothing here works with DEBUG off.
"""

import base64
import hashlib
import json
import os
import secrets
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from joserfc import jwt
from joserfc.jwk import OKPKey

from membership.keys import SIGNATURES
from membership.tokens import TYPE

ALGORITHM = "EdDSA"


def make_keys() -> None:
    """Write the signing key, and the key set that the app API reads. Existing ones stay."""
    _only_in_development()
    made = OKPKey.generate_key("Ed25519", {"use": "sig"}, auto_kid=True)
    _write_once(_signing_key_file(), made.as_dict(private=True), mode=0o600)
    kept = _signing_key().as_dict(private=False)
    _write_once(settings.APP_TOKEN_KEYS_FILE, {"keys": [kept]}, mode=0o644)


def issue(subject: str, *, device: str = "phone", minutes: float = 10, **claims: Any) -> str:
    """A token as the app would bring it. `claims` replace or add; None leaves a claim out."""
    make_keys()
    key, now = _signing_key(), int(time.time())
    said = {
        "iss": settings.APP_TOKEN_ISSUER,
        "aud": settings.APP_TOKEN_AUDIENCE,
        "sub": subject,
        "device": device,
        "fingerprint": fingerprint(subject),
        "account_state": "active",
        "device_trust": "trusted",
        "iat": now,
        "exp": now + int(minutes * 60),
        "jti": secrets.token_urlsafe(16),
        **claims,
    }
    header = {"alg": ALGORITHM, "kid": key.kid, "typ": TYPE}
    kept = {name: value for name, value in said.items() if value is not None}
    return jwt.encode(header, kept, key, registry=SIGNATURES)


def fingerprint(subject: str) -> str:
    """The made-up identity key of a person, as their tokens say it."""
    digest = hashlib.sha256(f"identity key of {subject}".encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _only_in_development() -> None:
    if not settings.DEBUG:
        raise ImproperlyConfigured("The development issuer of app tokens works only with DEBUG on.")


def _signing_key_file() -> Path:
    return Path(settings.STATE) / "app-token-signing-key.json"


def _signing_key() -> OKPKey:
    return OKPKey.import_key(json.loads(_signing_key_file().read_text()))


def _write_once(path: Path, document: dict[str, Any], *, mode: int) -> None:
    """The file appears whole and only once, even when two processes start together."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        json.dump(document, file)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
