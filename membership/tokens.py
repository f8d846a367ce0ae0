"""App tokens: how the Enigm App says for whom, and from which device, it speaks.

What must never happen: a token that Enigm's identity service did not sign for us, just now, speaks
for anyone. What prevents it: keys come from one place of ours and never from the token; two
algorithms, each bound to one kind of key; and beside the signature we check what JOSE libraries
leave open: the type, so that an ID token is no access token; a named key; a life of at most 15
minutes; and the form of every claim that is used.

JWT (RFC 7519) in the access token profile (RFC 9068). A token says nothing about membership: that
is read from the database on every request.
"""

from dataclasses import dataclass, field
from typing import Any, Self

from django.conf import settings
from django.http import HttpRequest
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from ninja.security import HttpBearer

from enigm_command.lib.problems import Problem

from . import keys, possession

TYPE = "at+jwt"
LONGEST_LIFE = 15 * 60  # seconds
LEEWAY = 30  # seconds that two clocks may differ
LONGEST_CLAIM = 255


class Unauthorized(Problem):
    """The token is refused; the sentence says what is wrong with it, and repeats nothing of it."""

    def __init__(self, detail: str) -> None:
        challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
        super().__init__(401, "invalid_token", detail, headers=challenge)


@dataclass(frozen=True, slots=True)
class AppToken:
    """What the identity service says of the bearer. Its text form tells nothing of who that is."""

    subject: str = field(repr=False)
    device: str = field(repr=False)
    fingerprint: str = field(repr=False)  # of the bearer's identity key, for comparing by voice
    account_state: str
    device_trust: str
    name: str = field(repr=False)
    bound_to: str | None = field(repr=False)  # the thumbprint of the device's key, if any

    @classmethod
    def of(cls, claims: dict[str, Any]) -> Self:
        """The token whose claims have been checked."""
        return cls(
            subject=_text(claims, "sub"),
            device=_text(claims, "device"),
            fingerprint=_text(claims, "fingerprint"),
            account_state=_text(claims, "account_state"),
            device_trust=_text(claims, "device_trust"),
            name=_text(claims, "jti"),
            bound_to=_bound_to(claims.get("cnf")),
        )

    @property
    def scheme(self) -> str:
        """How it must be sent."""
        return "dpop" if self.bound_to else "bearer"

    @property
    def in_good_standing(self) -> bool:
        return self.account_state == "active"

    @property
    def trusted(self) -> bool:
        return self.device_trust == "trusted"


class AppBearer(HttpBearer):
    """Lets in who brings a good token; it is then `request.auth`. Cookies do nothing.

    A token bound to a key comes as `DPoP` with a proof of the key, every other one as `Bearer`.
    """

    def __call__(self, request: HttpRequest) -> AppToken | None:
        scheme, _, raw = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() not in ("bearer", "dpop"):
            return None
        token = self.authenticate(request, raw)
        _require(scheme.lower() == token.scheme, f"It must be sent as {token.scheme}.")
        if token.bound_to:
            possession.require(request, raw, token.bound_to)
        return token

    def authenticate(self, request: HttpRequest, token: str) -> AppToken:
        """The token, whoever sent it."""
        return read(token)


def read(raw: str) -> AppToken:
    """The token behind this text, or Unauthorized."""
    try:
        token = jwt.decode(raw, keys.among, registry=keys.SIGNATURES)
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


def _bound_to(confirmation: Any) -> str | None:
    """The thumbprint of `cnf` (RFC 9449). A binding of another kind is not overlooked."""
    if confirmation is None:
        return None
    known = isinstance(confirmation, dict) and set(confirmation) == {"jkt"}
    _require(known, "It is bound in a way that is not known here.")
    return _text(confirmation, "jkt")


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Unauthorized(otherwise)
