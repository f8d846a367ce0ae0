"""App tokens: what Enigm's identity service signed for us, just now, and nothing else."""

import json
import os
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import closing
from http.client import HTTPConnection
from io import StringIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.test import override_settings
from joserfc.jwk import ECKey, OctKey, OKPKey
from joserfc.jws import JWSRegistry

from enigm_command.devstack import issuer
from enigm_command.lib import locator
from membership import tokens
from membership.compare import code
from membership.tokens import Unauthorized
from tests.app import App, issued

pytestmark = pytest.mark.requirement("R3", "R30")

STRANGE = OKPKey.generate_key("Ed25519")
SIGNS_WITH = {"OKP": "Ed25519", "EC": "ES256", "oct": "HS256"}


def at(seconds: float = 0) -> Any:
    """A moment from now, as tokens say it."""
    return int(time.time()) + seconds


def known_key() -> OKPKey:
    """The key that the development issuer signs with."""
    issued()
    return OKPKey.import_key(
        json.loads((settings.STATE / "app-token-signing-key.json").read_text())
    )


def segment(content: bytes) -> bytes:
    return urlsafe_b64encode(content).rstrip(b"=")


def made(header: dict[str, Any] | None = None, key: Any = None, **claims: Any) -> str:
    """A token that is good but for what is given; None leaves a part out."""
    key = key or known_key()
    protected = {"alg": "EdDSA", "kid": known_key().kid, "typ": "at+jwt", **(header or {})}
    said = {
        "iss": settings.APP_TOKEN_ISSUER,
        "aud": settings.APP_TOKEN_AUDIENCE,
        "sub": "uma",
        "device": "phone",
        "fingerprint": "key of uma",
        "account_state": "active",
        "device_trust": "trusted",
        "iat": at(),
        "exp": at(600),
        "jti": "one",
        **claims,
    }
    parts = [{name: v for name, v in part.items() if v is not None} for part in (protected, said)]
    message = b".".join(segment(json.dumps(part).encode()) for part in parts)
    signature = JWSRegistry.algorithms[SIGNS_WITH[key.key_type]].sign(message, key)
    return (message + b"." + segment(signature)).decode()


def with_body(token: str, **changes: Any) -> str:
    """The token with something else in it, and the signature that it had."""
    header, body, signature = token.split(".")
    said = {**json.loads(urlsafe_b64decode(body + "==")), **changes}
    return f"{header}.{segment(json.dumps(said).encode()).decode()}.{signature}"


def with_header(token: str, **changes: Any) -> str:
    """The token with another header, and the signature that it had."""
    header, rest = token.split(".", 1)
    said = {**json.loads(urlsafe_b64decode(header + "==")), **changes}
    return f"{segment(json.dumps(said).encode()).decode()}.{rest}"


def test_a_good_token_says_who_asks_and_what_the_identity_service_thinks_of_them():
    token = tokens.read(made())
    assert (token.subject, token.device, token.fingerprint) == ("uma", "phone", "key of uma")
    assert token.in_good_standing
    assert token.trusted


def test_the_text_form_of_a_token_names_nobody():
    assert "uma" not in repr(tokens.read(made()))
    assert "phone" not in str(tokens.read(made()))


@pytest.mark.parametrize("state", ["suspended", "closed", "Active"])
def test_any_account_state_but_active_is_no_good_standing(state):
    assert not tokens.read(made(account_state=state)).in_good_standing


@pytest.mark.parametrize("trust", ["untrusted", "unknown", "TRUSTED"])
def test_any_device_trust_but_trusted_is_none(trust):
    assert not tokens.read(made(device_trust=trust)).trusted


FORGED = {
    "signed by another key of the same name": lambda: made(key=STRANGE),
    "named after another key": lambda: made({"kid": "another"}, key=STRANGE),
    "without the name of its key": lambda: made({"kid": None}),
    "with its own key in the header": lambda: made(
        {"jwk": STRANGE.as_dict(private=False)}, key=STRANGE
    ),
    "with the address of its own keys": lambda: made({"jku": "https://evil.example/keys"}),
    "with the address of its certificate": lambda: made({"x5u": "https://evil.example/cert"}),
    "with something critical that we do not know": lambda: made({"crit": ["x"], "x": 1}),
    "with an unencoded body": lambda: made({"b64": False, "crit": ["b64"]}),
    "unsigned": lambda: made({"alg": "none"}),
    "unsigned, in other letters": lambda: made({"alg": "nOnE"}),
    "stripped of its signature": lambda: made().rpartition(".")[0] + ".",
    "with another body than was signed": lambda: with_body(made(), sub="mallory"),
    "with another header than was signed": lambda: with_header(made(), typ="at+jwt "),
    "signed with our public key as a shared secret": lambda: made(
        {"alg": "HS256"}, key=OctKey.import_key(settings.APP_TOKEN_KEYS_FILE.read_bytes())
    ),
    "signed by a curve that its name does not mean": lambda: made(
        {"alg": "ES256"}, key=ECKey.generate_key("P-256")
    ),
    "an ID token": lambda: made({"typ": "JWT"}),
    "of no type": lambda: made({"typ": None}),
    "of another issuer": lambda: made(iss="https://evil.example"),
    "of no issuer": lambda: made(iss=None),
    "made for another service": lambda: made(aud="another"),
    "made for nobody": lambda: made(aud=None),
    "for nobody's account": lambda: made(sub=None),
    "for an account that is a number": lambda: made(sub=5),
    "for an account with no name": lambda: made(sub=""),
    "for an account with a line break": lambda: made(sub="u\nma"),
    "for half a character": lambda: made(sub="\ud800"),
    "for an endless name": lambda: made(sub="u" * 256),
    "of no device": lambda: made(device=None),
    "of no identity key": lambda: made(fingerprint=None),
    "silent about the account": lambda: made(account_state=None),
    "silent about Device Trust": lambda: made(device_trust=None),
    "vague about Device Trust": lambda: made(device_trust=True),
    "expired": lambda: made(iat=at(-700), exp=at(-100)),
    "without an end": lambda: made(exp=None),
    "without a beginning": lambda: made(iat=None),
    "good for sixteen minutes": lambda: made(exp=at(16 * 60)),
    "good for ten years": lambda: made(exp=at(315_360_000)),
    "with an end in letters": lambda: made(exp=str(at(600))),
    "with an end that is no number": lambda: made(exp=float("nan")),
    "with an end between two seconds": lambda: made(exp=at(600.5)),
    "from the future": lambda: made(iat=at(300), exp=at(600)),
    "not valid yet": lambda: made(nbf=at(300)),
    "that cannot be told from others": lambda: made(jti=None),
    "numbered instead of named": lambda: made(jti=7),
    "longer than any token": lambda: made(more="x" * 8192),
    "bound in a way that we cannot check": lambda: made(cnf={"x5t#S256": "A" * 43}),
    "bound in two ways": lambda: made(cnf={"jkt": "A" * 43, "kid": "1"}),
    "bound to nothing": lambda: made(cnf={}),
    "cut in half": lambda: made()[:60],
    "no token": lambda: "uma",
    "nothing": lambda: "",
    "a header that is a list": lambda: (
        segment(b'["alg"]').decode() + "." + made().partition(".")[2]
    ),
    "a header that is a word": lambda: segment(b'"alg"').decode() + "." + made().partition(".")[2],
    "made of dots": lambda: "..",
    "beyond ASCII": lambda: "é.è.ê",
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_any_other_token_is_refused(forged):
    with pytest.raises(Unauthorized) as refusal:
        tokens.read(forged())
    assert refusal.value.status == 401


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_the_answer_to_any_other_token_is_a_problem_that_repeats_nothing(forged):
    raw = forged()
    answer = App(raw=raw).get(f"/api/v1/join-requests/{'a' * 43}")

    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json().keys() == {"type", "title", "status", "detail", "code"}
    assert (answer.json()["status"], answer.json()["code"]) == (401, "invalid_token")
    assert len(raw) < 10 or raw not in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_no_forged_token_opens_anything_over_real_http(live_server):
    """The same table through a socket."""
    with closing(HTTPConnection(urlsplit(live_server.url).netloc, timeout=20)) as site:
        for name, forged in FORGED.items():
            assert status_of(site, forged()) == 401, name
        assert status_of(site, made()) == 200


def status_of(site: HTTPConnection, token: str) -> int:
    """How the API answers to whoever brings this."""
    headers = {"Authorization": f"Bearer {token}"}
    site.request("GET", f"/api/v1/join-requests/{'a' * 43}", headers=headers)
    answer = site.getresponse()
    answer.read()
    return answer.status


def test_clocks_may_differ_by_half_a_minute():
    assert tokens.read(made(iat=at(25), exp=at(600)))
    assert tokens.read(made(iat=at(-500), exp=at(-25)))


def test_a_token_for_several_services_is_good_for_each():
    assert tokens.read(made(aud=["another", settings.APP_TOKEN_AUDIENCE]))


def write_keys(path: Any, *keys: Any, private: bool = False) -> None:
    path.write_text(json.dumps({"keys": [key.as_dict(private=private) for key in keys]}))


def test_both_algorithms_are_read_from_one_key_file(tmp_path):
    elliptic = ECKey.generate_key("P-256", auto_kid=True)
    write_keys(tmp_path / "keys.json", known_key(), elliptic)
    with override_settings(APP_TOKEN_KEYS_FILE=tmp_path / "keys.json"):
        assert tokens.read(made())
        assert tokens.read(made({"alg": "ES256", "kid": elliptic.kid}, key=elliptic))


def test_a_new_key_file_counts_from_the_next_request_on(tmp_path):
    file, token = tmp_path / "keys.json", made()
    write_keys(file, known_key())
    with override_settings(APP_TOKEN_KEYS_FILE=file):
        assert tokens.read(token)
        write_keys(file, OKPKey.generate_key("Ed25519", auto_kid=True))
        os.utime(file, ns=(1, 1))
        with pytest.raises(Unauthorized):
            tokens.read(token)


@pytest.mark.parametrize(
    "content",
    ["", "{}", '{"keys": [{}]}', '{"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "1"}]}'],
)
def test_a_key_file_of_another_form_stops_everything_and_is_named(tmp_path, content):
    token = made()
    (tmp_path / "keys.json").write_text(content)
    with (
        override_settings(APP_TOKEN_KEYS_FILE=tmp_path / "keys.json"),
        pytest.raises(ImproperlyConfigured, match="APP_TOKEN_KEYS_FILE"),
    ):
        tokens.read(token)


def test_a_private_key_is_not_accepted_where_public_ones_belong(tmp_path):
    token = made()
    write_keys(tmp_path / "keys.json", known_key(), private=True)
    with (
        override_settings(APP_TOKEN_KEYS_FILE=tmp_path / "keys.json"),
        pytest.raises(ImproperlyConfigured, match="private"),
    ):
        tokens.read(token)


def test_a_refusal_says_what_is_wrong_and_repeats_nothing():
    answer = App(raw=made(exp=at(-40), iat=at(-50))).get(f"/api/v1/join-requests/{'a' * 43}")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "invalid_token"
    assert answer.json()["detail"] == "The token has expired."


def test_the_development_issuer_works_only_in_development():
    with pytest.raises(ImproperlyConfigured, match="DEBUG"):
        issuer.issue("uma")


def test_the_signing_key_is_for_its_owner_alone():
    issued()
    assert (settings.STATE / "app-token-signing-key.json").stat().st_mode & 0o777 == 0o600


def test_the_key_set_that_the_issuer_publishes_holds_no_secret():
    issued()
    assert '"d"' not in settings.APP_TOKEN_KEYS_FILE.read_text()


@override_settings(DEBUG=True)
def test_the_command_prints_a_token_for_anyone():
    printed = StringIO()
    call_command("app_token", "--as", "uma", "--device", "tablet", stdout=printed)
    token = tokens.read(printed.getvalue().strip())
    assert (token.subject, token.device) == ("uma", "tablet")


@override_settings(DEBUG=True)
def test_the_command_prints_the_compare_code_that_the_app_would_show():
    printed, server_id = StringIO(), locator.make()
    call_command("app_token", "--as", "uma", "--compare", server_id, stdout=printed)
    fingerprint = tokens.read(issuer.issue("uma")).fingerprint
    assert printed.getvalue().strip() == code(fingerprint, server_id)


@override_settings(DEBUG=True)
def test_a_mistyped_server_id_is_told_before_any_code():
    with pytest.raises(CommandError, match="Check that none is missing"):
        call_command("app_token", "--as", "uma", "--compare", "EN-1234")
