"""The Enigm App of one person: it holds the keys, seals, and speaks the app API."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime

import pyrage

from enigm_command.devstack import issuer

from .wire import Answer, Line

API = "/api/v1"


@dataclass(frozen=True, slots=True)
class Conversation:
    """Who can read what is sent in it: whoever holds its key. The server never does."""

    identity: pyrage.x25519.Identity

    @classmethod
    def begin(cls) -> "Conversation":
        """A new conversation with a key of its own."""
        return cls(pyrage.x25519.Identity.generate())

    def seal(self, plain: bytes) -> bytes:
        """Encrypt for the people of this conversation (age, version 1)."""
        sealed: bytes = pyrage.encrypt(plain, [self.identity.to_public()])
        return sealed

    def open(self, sealed: bytes) -> bytes:
        """Decrypt what was sealed in this conversation."""
        plain: bytes = pyrage.decrypt(sealed, [self.identity])
        return plain


@dataclass(frozen=True, slots=True)
class Sent:
    """One object as its author knows it."""

    plain: bytes
    sealed: bytes
    kind: str
    written_at: datetime


class App:
    """One person's app. `secret` belongs to its request to join; `token` says who is asking."""

    def __init__(self, site: str, subject: str, name: str) -> None:
        self.line = Line(site)
        self.name = name
        self.secret = secrets.token_urlsafe(32)
        self.token = issuer.issue(subject)

    def ask_to_join(self, server_id: str) -> Answer:
        """Ask the administrators of a server to be let in."""
        wish = {"server_id": server_id, "secret": self.secret, "display_name": self.name}
        return self._call("POST", "/join-requests", json.dumps(wish).encode(), type="json")

    def standing_of_request(self) -> str:
        """How the request to join fares: waiting, approved or ended."""
        return str(self._call("GET", f"/join-requests/{self.secret}").expect(200).json["status"])

    def store(self, server_id: str, sent: Sent) -> Answer:
        """Offer one object, as it is."""
        written = sent.written_at.isoformat(timespec="milliseconds")
        headers = {"Enigm-Kind": sent.kind, "Enigm-Authored-At": written}
        return self._call("POST", f"/servers/{server_id}/objects", sent.sealed, **headers)

    def page(self, server_id: str, after: str = "") -> Answer:
        """One page of what may be fetched."""
        return self._call("GET", f"/servers/{server_id}/objects?after={after}")

    def all_ids(self, server_id: str) -> list[str]:
        """The ids of all that may be fetched. Pages overlap, so some come twice."""
        ids: dict[str, None] = {}
        after, more = "", True
        while more:
            shown = self.page(server_id, after).expect(200).json
            ids |= {each["id"]: None for each in shown["objects"]}
            after, more = shown["after"], shown["more"]
        return [*ids]

    def fetch(self, server_id: str, object_id: str) -> Answer:
        """The body of one object, as it was stored."""
        return self._call("GET", f"/servers/{server_id}/objects/{object_id}")

    def _call(
        self, method: str, path: str, body: bytes | None = None, *, type: str = "octet-stream",
        **headers: str,
    ) -> Answer:  # fmt: skip
        says = {"Authorization": f"Bearer {self.token}", **headers}
        if body is not None:
            says["Content-Type"] = f"application/{type}"
        return self.line.send(method, API + path, body=body, headers=says)
