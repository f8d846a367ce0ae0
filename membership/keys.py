"""The public keys that app tokens are checked by: a JWK set of Enigm's identity service.

What must never happen: a key counts that the service does not publish in the one place that the
settings name; or members are locked out because that place does not answer for an hour. What
prevents it: nothing in a token says where keys are; the answer is one of ours or it is no answer
(https, no redirects, small, public keys of two kinds); and the last good one is kept for a day.

From a file, a new one counts from the next request on. From an address, each process asks every
five minutes, and at most once a minute when a token names a key that it does not know.
"""

import json
import logging
import math
import time
from functools import lru_cache
from http.client import HTTPException
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.request import HTTPRedirectHandler, build_opener

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from joserfc.errors import JoseError
from joserfc.jwk import GuestProtocol, JWKRegistry, Key, KeySet
from joserfc.jws import JWSRegistry

from enigm_command.lib import files
from enigm_command.lib.problems import Problem

ALGORITHMS = ("EdDSA", "ES256")
CURVES = {("OKP", "Ed25519"), ("EC", "P-256")}
PUBLIC_PARTS = ("kty", "crv", "x", "y", "kid")
FRESH_FOR, ASK_EVERY, KEPT_FOR = 5 * 60, 60, 24 * 60 * 60  # seconds
PATIENCE, LONGEST_ANSWER = 3, 64 * 1024  # seconds, bytes
MALFORMED = (JoseError, ValueError, KeyError, TypeError)

log = logging.getLogger(__name__)


class Signatures(JWSRegistry):
    """EdDSA, which is Ed25519 and no other curve here, and ES256."""

    algorithms = {  # noqa: RUF012 - declared so by the library
        "EdDSA": JWSRegistry.algorithms["Ed25519"],
        "ES256": JWSRegistry.algorithms["ES256"],
    }
    max_payload_length = 8 * 1024


SIGNATURES = Signatures(algorithms=ALGORITHMS)


class Unavailable(Problem):
    """No token can be checked: the identity service has not answered for too long."""

    def __init__(self) -> None:
        detail = "The keys of the identity service cannot be read at present. Try again later."
        super().__init__(503, "keys_unavailable", detail, headers={"Retry-After": str(ASK_EVERY)})


def among(token: GuestProtocol) -> KeySet:
    """The keys among which the one that a token names must be."""
    if not settings.APP_TOKEN_KEYS_URL:
        return _from_file()
    return _published.having(token.headers().get("kid"))


def public_key(said: dict[str, Any]) -> Key:
    """One public key (RFC 7517); an error of MALFORMED for a private one, or any other kind."""
    if "d" in said:
        raise ValueError("a private key has no place here")
    if (said["kty"], said.get("crv")) not in CURVES:
        raise ValueError("a key is Ed25519 or P-256")
    return JWKRegistry.import_key({part: said[part] for part in PUBLIC_PARTS if part in said})


def check() -> None:
    """ImproperlyConfigured when the file is wrong. An address may be away: that is only said."""
    if not settings.APP_TOKEN_KEYS_URL:
        _from_file()
    elif not _published.ask():
        log.warning("app tokens are refused until APP_TOKEN_KEYS_URL answers")


def forget() -> None:
    """Read everything anew."""
    _published.__init__()  # type: ignore[misc]


class _Published:
    """The key set at APP_TOKEN_KEYS_URL, as this process last read it."""

    def __init__(self) -> None:
        self.keys = KeySet([])
        self.read_at = self.asked_at = -math.inf
        self.asking = Lock()

    def having(self, kid: Any) -> KeySet:
        """The keys, read anew if they are old or this one is not among them.

        One thread asks. Others go on with the keys there are, and wait only if there are none.
        """
        none = not self.keys.keys
        if (none or self._is_due(kid)) and self.asking.acquire(blocking=none):
            try:
                if self._is_due(kid):
                    self.ask()
            finally:
                self.asking.release()
        if time.monotonic() - self.read_at > KEPT_FOR:
            raise Unavailable
        return self.keys

    def ask(self) -> bool:
        """Read the keys; those there are stay when the answer is none or not a good one."""
        self.asked_at = time.monotonic()
        try:
            with _opener.open(settings.APP_TOKEN_KEYS_URL, timeout=PATIENCE) as answer:
                self.keys = _key_set(answer.read(LONGEST_ANSWER))
        except (OSError, HTTPException, *MALFORMED) as error:
            log.warning("no keys from APP_TOKEN_KEYS_URL (%s)", type(error).__name__)
            return False
        self.read_at = self.asked_at
        return True

    def _is_due(self, kid: Any) -> bool:
        now = time.monotonic()
        is_known = kid in {key.kid for key in self.keys.keys}
        is_fresh = now - self.read_at <= FRESH_FOR
        return not (is_known and is_fresh) and now - self.asked_at > ASK_EVERY


class _NoRedirects(HTTPRedirectHandler):
    """Only the address in the settings is ever asked."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


_opener = build_opener(_NoRedirects)
_published = _Published()


def _from_file() -> KeySet:
    path = settings.APP_TOKEN_KEYS_FILE
    try:
        return _read(path, *files.edition(path))
    except (OSError, *MALFORMED) as error:
        raise ImproperlyConfigured(f"APP_TOKEN_KEYS_FILE ({path}): {error}") from error


@lru_cache(maxsize=2)
def _read(path: Path, *edition: int) -> KeySet:
    """The key set as the file held it in that edition."""
    return _key_set(path.read_bytes())


def _key_set(document: bytes) -> KeySet:
    """The keys of a JWK set; an error of MALFORMED when it is none, or one of them has no name."""
    keys = [public_key(said) for said in json.loads(document)["keys"]]
    if not all(key.kid for key in keys):
        raise ValueError("every key has a kid")
    return KeySet(keys)
