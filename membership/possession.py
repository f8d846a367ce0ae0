"""Proof of possession: a token bound to a key speaks only for whoever holds that key.

What must never happen: a bound token that was copied, on its way or from a log, is of use to anyone
else. What prevents it: the binding (`cnf.jkt`) is signed with the token, so that nobody can take it
off; every request brings a proof, signed by the device's key, for its own method, address, token
and moment; and each proof is taken once.

DPoP (RFC 9449), section 4.3. Addresses are compared with SITE_URL, whatever the Host header says.
"""

import hashlib
import hmac
import time
from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from django.conf import settings
from django.http import HttpRequest
from joserfc import jwt
from joserfc.jwk import Key

from enigm_command.lib.problems import Problem

from . import keys
from .keys import ALGORITHMS, MALFORMED, SIGNATURES
from .replay import Spent

TYPE = "dpop+jwt"
WINDOW = 5 * 60  # seconds that a device's clock may differ from ours, and a proof be on its way
LONGEST_NAME = 255
PORTS = {"http": 80, "https": 443}


class Unproved(Problem):
    """The request does not prove that it comes from the device which the token is bound to."""

    def __init__(self, detail: str) -> None:
        challenge = f'DPoP error="invalid_dpop_proof", algs="{" ".join(ALGORITHMS)}"'
        super().__init__(401, "invalid_proof", detail, headers={"WWW-Authenticate": challenge})


def require(request: HttpRequest, raw: str, thumbprint: str) -> None:
    """Unproved unless this request proves, for the token `raw`, that it holds its key.

    `thumbprint` is the key's (RFC 7638), as the token names it.
    """
    said = _signed_by(thumbprint, request.headers.get("DPoP", ""))
    _require(said.get("htm") == request.method, "It was made for another method.")
    _require(_is_here(said.get("htu"), request), "It was made for another address.")
    _require(_is_same(said.get("ath"), _digest(raw)), "It was made for another token.")
    _require(_is_recent(said.get("iat")), "It is not of this moment.")
    _require(_is_first(thumbprint, said.get("jti")), "It was used before, or has no name.")


def _signed_by(thumbprint: str, proof: str) -> dict[str, Any]:
    """What the proof says, once it is signed by the key that the token is bound to."""
    try:
        opened = jwt.decode(proof, lambda guest: _own_key(guest.headers()), registry=SIGNATURES)
        key = _own_key(opened.header)
    except MALFORMED as error:
        raise Unproved("The proof of the device's key is missing or not well formed.") from error
    _require(set(opened.header) == {"alg", "jwk", "typ"}, "Its header is not of the known form.")
    _require(opened.header["typ"] == TYPE, "It is no proof of possession.")
    _require(_is_same(key.thumbprint(), thumbprint), "It is by another key than the token's.")
    return opened.claims


def _own_key(header: dict[str, Any]) -> Key:
    return keys.public_key(header["jwk"])


def _is_here(address: Any, request: HttpRequest) -> bool:
    """Whether this is the address of the request, but for its query (RFC 9449, section 4.3)."""
    try:
        there, here = urlsplit(address), urlsplit(settings.SITE_URL)
        return (*_origin(there), unquote(there.path)) == (*_origin(here), request.path)
    except (ValueError, TypeError, AttributeError):
        return False


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or PORTS.get(parts.scheme)


def _is_recent(made_at: Any) -> bool:
    return type(made_at) is int and abs(time.time() - made_at) <= WINDOW


def _is_first(thumbprint: str, name: Any) -> bool:
    well_formed = isinstance(name, str) and 0 < len(name) <= LONGEST_NAME
    return well_formed and Spent.objects.spend(f"proof {thumbprint} {name}")


def _is_same(said: Any, known: str) -> bool:
    return isinstance(said, str) and hmac.compare_digest(said.encode(), known.encode())


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Unproved(f"The proof of the device's key is refused. {otherwise}")
