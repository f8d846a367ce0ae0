"""The Enigm App as tests play it: a phone that brings its token and speaks JSON."""

import secrets
from functools import partial
from typing import Any

from django.http import HttpResponse
from django.test import Client, override_settings

from enigm_command.devstack import issuer
from membership.tokens import AppToken


def app_token(subject: str = "uma", **changes: str) -> AppToken:
    """What the token of this person says, once it has been read."""
    said = {"account_state": "active", "device_trust": "trusted", **changes}
    own = {"name": secrets.token_urlsafe(16), "bound_to": None, "fingerprint": f"key of {subject}"}
    return AppToken(subject=subject, device="phone", **own, **said)


def issued(subject: str = "uma", **claims: Any) -> str:
    """A token of this person as it travels."""
    with override_settings(DEBUG=True):  # the development issuer works nowhere else
        return issuer.issue(subject, **claims)


class App(Client):
    """Somebody's app, by the name of its user; `secret` belongs to its one request to join."""

    def __init__(self, subject: str = "uma", *, raw: str | None = None, **claims: Any) -> None:
        super().__init__(enforce_csrf_checks=True)
        self.renew = partial(issued, subject, **claims) if raw is None else lambda: raw
        self.raw = self.renew()
        self.secret = secrets.token_urlsafe(32)

    def request(self, **request: Any) -> Any:
        """Every request carries the token."""
        return super().request(HTTP_AUTHORIZATION=f"Bearer {self.raw}", **request)

    def ask(self, server_id: str, **more: Any) -> HttpResponse:
        """Ask to join. Each request takes a token of its own."""
        self.raw = self.renew()
        wish = {"server_id": server_id, "secret": self.secret, **more}
        return self.post("/api/v1/join-requests", wish, content_type="application/json")

    def status(self) -> str:
        """How the request to join fares."""
        answer = self.get(f"/api/v1/join-requests/{self.secret}")
        assert answer.status_code == 200, answer.content
        return answer.json()["status"]


class FeedReader(App):
    """A device that asks the feed of one server."""

    def __init__(self, server: Any, subject: str = "uma", **claims: Any) -> None:
        super().__init__(subject, **claims)
        self.feed = f"/api/v1/servers/{server.locator}/feed"

    def ask(self, after: int | str = 0) -> Any:
        """What comes after this number."""
        return self.get(self.feed, {"after": after})

    def told(self, after: int = 0) -> dict[str, Any]:
        """The same as it was read, without what only fills it up."""
        answer = self.ask(after)
        assert answer.status_code == 200, answer.content
        page: dict[str, Any] = answer.json()
        page.pop("padding")
        return page

    def done(self, number: int) -> Any:
        """Everything up to this number is done."""
        said = {"number": number}
        return self.post(f"{self.feed}/applied", said, content_type="application/json")
