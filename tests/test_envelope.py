"""Which bodies are taken for sealed: the grammar of age v1 headers, and nothing else."""

import pyrage
import pytest

from content import envelope
from tests.objects import sealed

pytestmark = pytest.mark.requirement("R16")

MAC = b"--- " + b"A" * 43 + b"\n"
PAYLOAD = b"n" * 16 + b"t" * 16


def a_body(*stanzas, mac=MAC, payload=PAYLOAD):
    return envelope.VERSION_LINE + b"".join(stanzas) + mac + payload


def check(body):
    envelope.check(body[: envelope.LONGEST_HEADER], len(body))


GOOD = {
    "nothing sealed": sealed(),
    "much sealed": sealed("words", size=200_000),
    "by a passphrase": pyrage.passphrase.encrypt(b"words", "a passphrase"),
    "a stanza without a body": a_body(b"-> grease\n\n"),
    "a body of one full line": a_body(b"-> grease a b\n" + b"A" * 64 + b"\n\n"),
    "two recipients": a_body(b"-> X25519 abc\nAAAA\n", b"-> X25519 def\nAAA\n"),
}


@pytest.mark.parametrize("body", GOOD.values(), ids=GOOD)
def test_what_age_makes_is_taken(body):
    check(body)


def test_2000_recipients_are_taken():
    keys = [pyrage.x25519.Identity.generate().to_public() for _ in range(20)] * 100
    check(pyrage.encrypt(b"words", keys))


BAD = {
    "nothing": b"",
    "plain words": b"Meet me at noon",
    "JSON": b'{"text": "Meet me at noon"}',
    "another version": a_body(b"-> X25519 abc\nAAAA\n").replace(b"/v1", b"/v2"),
    "no recipient": a_body(),
    "a stanza without a type": a_body(b"-> \nAAAA\n"),
    "a space too much": a_body(b"-> X25519  abc\nAAAA\n"),
    "a body not in base64": a_body(b"-> X25519 abc\nA-_A\n"),
    "padding": a_body(b"-> X25519 abc\nAAA=\n"),
    "bits left over": a_body(b"-> X25519 abc\nAB\n"),
    "a line too long": a_body(b"-> X25519 abc\n" + b"A" * 65 + b"\n"),
    "a full line without its end": a_body(b"-> X25519 abc\n" + b"A" * 64 + b"\n"),
    "a line end of two": a_body(b"-> X25519 abc\r\nAAAA\r\n"),
    "a short MAC": a_body(b"-> X25519 abc\nAAAA\n", mac=b"--- " + b"A" * 42 + b"\n"),
    "no MAC": a_body(b"-> X25519 abc\nAAAA\n", mac=b""),
    "no payload": a_body(b"-> X25519 abc\nAAAA\n", payload=b""),
    "half a payload": a_body(b"-> X25519 abc\nAAAA\n", payload=PAYLOAD[:-1]),
    "armour": b"-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n-----END AGE ENCRYPTED FILE-----\n",
    "a header without end": envelope.VERSION_LINE + b"-> X25519 abc\nAAAA\n" * 20_000 + MAC,
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD)
def test_anything_else_is_refused(body):
    with pytest.raises(envelope.NotAnEnvelope):
        check(body)
