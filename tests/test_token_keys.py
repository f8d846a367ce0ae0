"""The keys of app tokens from an address: cached, rotated, and kept while nobody answers."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from joserfc.jwk import OKPKey

from membership import keys, tokens
from membership.tokens import Unauthorized
from tests.app import App
from tests.test_tokens import known_key, made

pytestmark = pytest.mark.requirement("R3", "R30")


class Published(HTTPServer):
    """Where the identity service publishes its keys. It counts who asks."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status, self.document, self.asked = 200, b"", 0
        self.publish(known_key())

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/jwks"

    def publish(self, *published: OKPKey, private: bool = False) -> None:
        said = [key.as_dict(private=private) for key in published]
        self.document = json.dumps({"keys": said}).encode()


class Handler(BaseHTTPRequestHandler):
    server: Published

    def do_GET(self) -> None:
        self.server.asked += 1
        self.send_response(self.server.status)
        if self.server.status == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(self.server.document)))
        self.end_headers()
        self.wfile.write(self.server.document)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


class Time:
    """Passes when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def published(settings: Any) -> Iterator[Published]:
    with Published() as service:
        thread = threading.Thread(target=service.serve_forever, args=[0.01])
        thread.start()
        settings.APP_TOKEN_KEYS_URL = service.address
        keys.forget()
        yield service
        service.shutdown()
        thread.join()
        keys.forget()


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    passing = Time()
    monkeypatch.setattr(keys, "time", passing)
    return passing


def accepted(key: OKPKey) -> bool:
    """Whether a token signed by this key is good now."""
    try:
        return bool(tokens.read(made({"kid": key.kid}, key=key)))
    except Unauthorized:
        return False


@pytest.fixture
def new_key() -> OKPKey:
    return OKPKey.generate_key("Ed25519", auto_kid=True)


def test_the_keys_are_asked_for_once_and_again_after_five_minutes(published, time):
    assert all(accepted(known_key()) for _ in range(5))
    assert published.asked == 1

    time.now += keys.FRESH_FOR + 1
    assert accepted(known_key())
    assert published.asked == 2


def test_a_new_key_counts_as_soon_as_a_token_names_it(published, time, new_key):
    assert accepted(known_key())
    published.publish(known_key(), new_key)

    time.now += keys.ASK_EVERY + 1
    assert accepted(new_key)
    assert published.asked == 2


def test_a_withdrawn_key_is_refused_within_five_minutes(published, time, new_key):
    assert accepted(known_key())
    published.publish(new_key)

    time.now += keys.FRESH_FOR + 1
    assert not accepted(known_key())
    assert accepted(new_key)


def test_tokens_that_name_unknown_keys_ask_at_most_once_a_minute(published, time, new_key):
    assert accepted(known_key())
    for _ in range(35):  # 140 seconds
        time.now += 4
        assert not accepted(new_key)
    assert published.asked == 3


@pytest.mark.parametrize(
    "fault",
    [
        lambda service: setattr(service, "status", 500),
        lambda service: setattr(service, "status", 302),
        lambda service: setattr(service, "document", b"<html>"),
        lambda service: setattr(service, "document", b'{"keys": [{"kty": "oct"}]}'),
        lambda service: setattr(service, "document", b'{"keys": "' + b"x" * 70_000 + b'"}'),
        lambda service: service.publish(known_key(), private=True),
    ],
    ids=["an error", "a redirect", "a page", "a shared secret", "endless", "a private key"],
)
def test_the_last_good_keys_are_kept_for_a_day_when_the_answer_is_not_one(published, time, fault):
    assert accepted(known_key())
    fault(published)

    time.now += keys.KEPT_FOR - 1
    assert accepted(known_key())
    assert published.asked == 2

    time.now += 2
    with pytest.raises(keys.Unavailable):
        accepted(known_key())


def test_without_any_keys_the_answer_is_503_and_when_to_try_again(published, time):
    published.status = 500
    answer = App(raw=made()).get(f"/api/v1/join-requests/{'a' * 43}")

    assert (answer.status_code, answer.json()["code"]) == (503, "keys_unavailable")
    assert answer.headers["Retry-After"] == "60"


def test_many_at_once_ask_once(published, time):
    token = made()
    readers = [threading.Thread(target=tokens.read, args=[token]) for _ in range(8)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()

    assert published.asked == 1


def test_a_start_while_the_service_is_away_only_says_so(published, caplog):
    published.status = 500
    keys.check()

    assert "app tokens are refused until APP_TOKEN_KEYS_URL answers" in caplog.text


def test_an_address_stands_in_for_the_file(published, settings, tmp_path):
    settings.APP_TOKEN_KEYS_FILE = tmp_path / "absent.json"

    assert tokens.read(made())


def test_a_token_cannot_say_where_its_keys_are(published, time):
    with pytest.raises(Unauthorized):
        tokens.read(made({"jku": published.address}))
    assert published.asked <= 1
