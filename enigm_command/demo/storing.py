"""Third part of the story: what members store, and who can open it."""

import secrets
from datetime import UTC, datetime

from .app import App, Sent
from .people import People
from .wire import expect

MESSAGES = 12
PICTURE = 48 * 1024  # bytes: too many to lie in their row


def send(people: People) -> str:
    """Lena and Ines store messages and a picture, all sealed"""
    for number in range(MESSAGES):
        _store(people, people.lena, f"Drawing {number} is in the blue folder.".encode(), "message")
    _store(people, people.lena, secrets.token_bytes(PICTURE), "media")
    people.by_lena = set(people.sent)
    _store(people, people.ines, b"I took drawing 7 home.", "message")
    return f"{len(people.sent)} objects"


def refuse_plaintext(people: People) -> str:
    """What is not sealed is not taken in"""
    bare = Sent(b"", b"Meet me at six.", "message", datetime.now(UTC))
    return people.lena.store(people.server_id, bare).expect(422).problem


def fetch(people: People) -> str:
    """Ines lists them, fetches them, and opens them to the same bytes"""
    listed = people.ines.all_ids(people.server_id)
    expect("the list", sorted(listed), sorted(people.sent))
    for object_id in listed:
        sealed = people.ines.fetch(people.server_id, object_id).expect(200).body
        expect("what it holds", people.talk.open(sealed), people.sent[object_id].plain)
    return f"{len(listed)} of {len(people.sent)} are the same"


def refuse_stranger(people: People) -> str:
    """Marek, who was rejected, can fetch none of them"""
    for object_id in people.sent:
        people.marek.fetch(people.server_id, object_id).expect(403)
    return people.marek.page(people.server_id).expect(403).problem


def _store(people: People, author: App, plain: bytes, kind: str) -> None:
    sent = Sent(plain, people.talk.seal(plain), kind, datetime.now(UTC))
    people.sent[author.store(people.server_id, sent).expect(201).json["id"]] = sent
