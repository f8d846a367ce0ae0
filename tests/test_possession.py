"""Tokens that are bound to a device's key, and what may be used once."""

import hashlib
import json
import time
from base64 import urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.db.models import F
from django.test import Client
from joserfc.jwk import ECKey, OctKey, OKPKey
from joserfc.jws import JWSRegistry

from enigm_command.lib import locator
from membership import tasks
from membership.models import Spent
from membership.tokens import read
from tests.app import App, issued
from tests.factories import ServerFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R3", "R30")]

SECRET = "A" * 43
PATH = f"/api/v1/join-requests/{SECRET}"
KEY = OKPKey.generate_key("Ed25519")
STRANGE = OKPKey.generate_key("Ed25519")
SIGNS_WITH = {"OKP": ("EdDSA", "Ed25519"), "EC": ("ES256", "ES256"), "oct": ("HS256", "HS256")}


def segment(content: bytes) -> bytes:
    return urlsafe_b64encode(content).rstrip(b"=")


def digest(text: str) -> str:
    return segment(hashlib.sha256(text.encode()).digest()).decode()


def bound(key: Any = KEY) -> str:
    """A token that only the holder of this key may use."""
    return issued("uma", cnf={"jkt": key.thumbprint()})


def proof(token: str, *, header: dict[str, Any] | None = None, key: Any = KEY, **said: Any) -> str:
    """A proof that is good but for what is given; None leaves a part out."""
    name, algorithm = SIGNS_WITH[key.key_type]
    public = key.as_dict(private=False) if key.key_type != "oct" else key.as_dict()
    jwk = {part: public[part] for part in ("kty", "crv", "x", "y", "k") if part in public}
    head = {"typ": "dpop+jwt", "alg": name, "jwk": jwk, **(header or {})}
    claims = {
        "jti": str(uuid4()),
        "htm": "GET",
        "htu": settings.SITE_URL + PATH,
        "iat": int(time.time()),
        "ath": digest(token),
        **said,
    }
    parts = [{name: v for name, v in part.items() if v is not None} for part in (head, claims)]
    message = b".".join(segment(json.dumps(part).encode()) for part in parts)
    signature = JWSRegistry.algorithms[algorithm].sign(message, key)
    return (message + b"." + segment(signature)).decode()


def ask(token: str, *, scheme: str = "DPoP", **headers: str) -> Any:
    """How a request to join fares, asked with this token and these headers."""
    return Client().get(PATH, headers={"Authorization": f"{scheme} {token}", **headers})


@pytest.mark.parametrize("key", [KEY, ECKey.generate_key("P-256")], ids=["EdDSA", "ES256"])
def test_whoever_holds_the_key_may_use_the_token(key):
    token = bound(key)

    assert ask(token, DPoP=proof(token, key=key)).status_code == 200


@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
@pytest.mark.parametrize("brings_proof", [True, False])
def test_a_bound_token_is_no_bearer_token(scheme, brings_proof):
    token = bound()
    headers = {"DPoP": proof(token)} if brings_proof else {}
    answer = ask(token, scheme=scheme, **headers)

    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_token")


def test_a_token_without_a_key_is_not_taken_for_a_bound_one():
    token = issued("uma")

    assert ask(token, DPoP=proof(token)).status_code == 401
    assert ask(token, scheme="Bearer").status_code == 200


REFUSED = {
    "no proof": lambda token: "",
    "no proof at all": lambda token: "proof",
    "two proofs": lambda token: f"{proof(token)}, {proof(token)}",
    "by another key": lambda token: proof(token, key=STRANGE),
    "by another key, showing the right one": lambda token: proof(
        token, key=STRANGE, header={"jwk": KEY.as_dict(private=False)}
    ),
    "with the private key in it": lambda token: proof(
        token, header={"jwk": KEY.as_dict(private=True)}
    ),
    "with a shared secret": lambda token: proof(token, key=OctKey.generate_key(256)),
    "without a key": lambda token: proof(token, header={"jwk": None}),
    "with a key that is text": lambda token: proof(token, header={"jwk": "key"}),
    "naming a key elsewhere": lambda token: proof(token, header={"kid": "1"}),
    "unsigned": lambda token: proof(token, header={"alg": "none"}),
    "of another type": lambda token: proof(token, header={"typ": "JWT"}),
    "of no type": lambda token: proof(token, header={"typ": None}),
    "for another method": lambda token: proof(token, htm="POST"),
    "for no method": lambda token: proof(token, htm=None),
    "for another address": lambda token: proof(token, htu=f"{settings.SITE_URL}/api/v1/other"),
    "for another site": lambda token: proof(token, htu=f"https://evil.example{PATH}"),
    "for another port": lambda token: proof(token, htu=f"{settings.SITE_URL}1{PATH}"),
    "for no address": lambda token: proof(token, htu=None),
    "for an address that is none": lambda token: proof(token, htu="http://[" + PATH),
    "for another token": lambda token: proof(token, ath=digest(issued("uma"))),
    "for no token": lambda token: proof(token, ath=None),
    "of six minutes ago": lambda token: proof(token, iat=int(time.time()) - 360),
    "of the future": lambda token: proof(token, iat=int(time.time()) + 360),
    "of no time": lambda token: proof(token, iat=None),
    "with a time in letters": lambda token: proof(token, iat=str(int(time.time()))),
    "without a name": lambda token: proof(token, jti=None),
    "with an empty name": lambda token: proof(token, jti=""),
    "with an endless name": lambda token: proof(token, jti="x" * 300),
    "with a number for a name": lambda token: proof(token, jti=7),
    "the token itself": lambda token: token,
}


@pytest.mark.parametrize("wrong", REFUSED.values(), ids=REFUSED)
def test_any_other_proof_is_refused(wrong):
    token = bound()
    answer = ask(token, DPoP=wrong(token))

    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_proof")
    assert answer.headers["Content-Type"] == "application/problem+json"
    challenge = 'DPoP error="invalid_dpop_proof", algs="EdDSA ES256"'
    assert answer.headers["WWW-Authenticate"] == challenge


def test_the_address_is_compared_as_addresses_are():
    token = bound()
    spelled = settings.SITE_URL.upper().replace("HTTP", "Http") + PATH

    assert ask(token, DPoP=proof(token, htu=f"{spelled}?after=1#top")).status_code == 200


def test_a_proof_is_taken_once():
    token = bound()
    used = proof(token)

    assert ask(token, DPoP=used).status_code == 200
    assert ask(token, DPoP=used).json()["code"] == "invalid_proof"


@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_send_one_proof_at_once_one_is_let_in():
    token = bound()
    used = proof(token)

    def send(number: int) -> int:
        try:
            return int(ask(token, DPoP=used).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        answers = sorted(pool.map(send, range(20)))
    assert answers == [200, *[401] * 19]


def test_what_is_remembered_of_a_proof_tells_nothing_and_is_forgotten():
    token = bound()
    ask(token, DPoP=proof(token, jti="a name that nobody else has"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(s::text, '') FROM membership_spent s")
        row = cursor.fetchone()[0]
    assert "nobody" not in row
    assert b"nobody".hex() not in row

    tasks.spent()
    assert Spent.objects.count() == 1
    Spent.objects.update(at=F("at") - timedelta(minutes=21))
    tasks.spent()
    assert not Spent.objects.exists()


# --- a token that begins something ----------------------------------------------------------------
def wish(token: str, server_id: str, secret: str = SECRET) -> Any:
    """Ask to join with this very token."""
    return Client().post(
        "/api/v1/join-requests",
        {"server_id": server_id, "secret": secret},
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )


def test_one_token_begins_one_request_to_join(server):
    token = issued("uma")
    assert wish(token, server.locator).status_code == 202

    for answer in (wish(token, server.locator, "B" * 43), wish(token, ServerFactory().locator)):
        assert (answer.status_code, answer.json()["code"]) == (401, "token_spent")
        assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_the_same_request_may_be_sent_again_when_no_answer_came(server):
    token = issued("uma")

    assert [wish(token, server.locator).status_code for _ in range(3)] == [202] * 3


def test_whether_a_token_is_spent_tells_nothing_of_the_server(server):
    for server_id in (server.locator, locator.make()):
        token = issued("uma")
        answers = [wish(token, server_id, secret) for secret in ("C" * 43, "D" * 43)]
        assert [answer.status_code for answer in answers] == [202, 401]


def test_a_typing_error_spends_no_token(server):
    token = issued("uma")
    last = "1" if server.locator[-1] == "0" else "0"

    assert wish(token, server.locator[:-1] + last).status_code == 422
    assert wish(token, server.locator).status_code == 202


def test_a_spent_token_still_reads(server):
    app = App("uma")
    app.ask(server.locator)

    assert read(app.raw).subject == "uma"
    assert app.status() == "waiting"
