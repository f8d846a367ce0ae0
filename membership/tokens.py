"""App tokens: how the Enigm App says for whom, and from which device, it speaks.

What must never happen: a token that Enigm's identity service did not sign for us, just now, speaks
for anyone. What prevents it: keys come from one file of ours and never from the token; two
algorithms, each bound to one kind of key; and beside the signature we check what JOSE libraries
leave open: the type, so that an ID token is no access token; a named key; a life of at most 15
minutes; and the form of every claim that is used.

JWT (RFC 7519) in the access token profile (RFC 9068). A token says nothing about membership: that
is read from the database on every request.
"""

import json
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import JWKRegistry, KeySet
from joserfc.jws import JWSRegistry
from ninja.security import HttpBearer

from enigm_command.lib.problems import Problem

TYPE = "at+jwt"
LONGEST_LIFE = 15 * 60  # seconds
LEEWAY = 30  # seconds that two clocks may differ
LONGEST_CLAIM = 255
CURVES = {("OKP", "Ed25519"), ("EC", "P-256")}
PUBLIC_PARTS = ("kty", "crv", "x", "y", "kid")


class Unauthorized(Problem):
    """The token is refused; the sentence says what is wrong with it, and repeats nothing of it."""

    def __init__(self, detail: str) -> None:
        challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
        super().__init__(401, "invalid_token", detail, headers=challenge)


class Signatures(JWSRegistry):
    """EdDSA, which is Ed25519 and no other curve here, and ES256."""

    algorithms = {  # noqa: RUF012 - declared so by the library
        "EdDSA": JWSRegistry.algorithms["Ed25519"],
        "ES256": JWSRegistry.algorithms["ES256"],
    }
    max_payload_length = 8 * 1024


SIGNATURES = Signatures(algorithms=["EdDSA", "ES256"])


@dataclass(frozen=True, slots=True)
class AppToken:
    """What the identity service says of the bearer. Its text form tells nothing of who that is."""

    subject: str = field(repr=False)
    device: str = field(repr=False)
    fingerprint: str = field(repr=False)  # of the bearer's identity key, for comparing by voice
    account_state: str
    device_trust: str

    @classmethod
    def of(cls, claims: dict[str, Any]) -> Self:
        """The token whose claims have been checked."""
        return cls(
            subject=_text(claims, "sub"),
            device=_text(claims, "device"),
            fingerprint=_text(claims, "fingerprint"),
            account_state=_text(claims, "account_state"),
            device_trust=_text(claims, "device_trust"),
        )

    @property
    def in_good_standing(self) -> bool:
        return self.account_state == "active"

    @property
    def trusted(self) -> bool:
        return self.device_trust == "trusted"


class AppBearer(HttpBearer):
    """Lets in who brings a good token; it is then `request.auth`. Cookies do nothing."""

    def authenticate(self, request: HttpRequest, token: str) -> AppToken:
        return read(token)


def read(raw: str) -> AppToken:
    """The token behind this text, or Unauthorized."""
    try:
        token = jwt.decode(raw, _keys(), registry=SIGNATURES)
        _require(set(token.header) == {"alg", "kid", "typ"}, "Its header is not of the known form.")
        _require(token.header["typ"] == TYPE, "It is not an access token.")
        _expected().validate(token.claims)
    except ExpiredTokenError as error:
        raise Unauthorized("The token has expired.") from error
    except (JoseError, TypeError, ValueError) as error:
        raise Unauthorized("The token is not acceptable here.") from error
    _require(_life(token.claims) <= LONGEST_LIFE, "It is made to live too long.")
    return AppToken.of(token.claims)


def _expected() -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        leeway=LEEWAY,
        iss={"essential": True, "value": settings.APP_TOKEN_ISSUER},
        aud={"essential": True, "value": settings.APP_TOKEN_AUDIENCE},
        sub={"essential": True},
        iat={"essential": True},
        exp={"essential": True},
        jti={"essential": True},
    )


def _life(claims: dict[str, Any]) -> int:
    begins, ends = claims["iat"], claims["exp"]
    _require(type(begins) is int and type(ends) is int, "Its times are not whole seconds.")
    _require(begins < ends, "It ends before it begins.")
    return int(ends - begins)


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    well_formed = isinstance(value, str) and value.isprintable() and len(value) <= LONGEST_CLAIM
    _require(well_formed and value != "", f"Its claim {name} is not acceptable.")
    return str(value)


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Unauthorized(otherwise)


def _keys() -> KeySet:
    path = settings.APP_TOKEN_KEYS_FILE
    try:
        return _read_keys(path, path.stat().st_mtime_ns)
    except (OSError, JoseError, ValueError, KeyError, TypeError) as error:
        raise ImproperlyConfigured(f"APP_TOKEN_KEYS_FILE ({path}): {error}") from error


@lru_cache(maxsize=2)
def _read_keys(path: Path, changed_at: int) -> KeySet:
    """The key set as it stood at that time: a new file counts from the next request on."""
    keys = json.loads(path.read_text())["keys"]
    for key in keys:
        if "d" in key:
            raise ValueError("a private key has no place here")
        if (key["kty"], key.get("crv")) not in CURVES or not key.get("kid"):
            raise ValueError("every key is Ed25519 or P-256 and has a kid")
    public = [{part: key[part] for part in PUBLIC_PARTS if part in key} for key in keys]
    return KeySet([JWKRegistry.import_key(key) for key in public])
