"""The apps of the people in the stories: what they ask, send and hear beside the browser."""

from typing import Any

from enigm_command.lib import clock
from servers.models import Server
from tests.app import FeedReader
from tests.objects import sealed


class Phone(FeedReader):
    """Somebody's app on one server: it asks to join, sends what it sealed, and reads."""

    def __init__(self, server: Server, subject: str, name: str) -> None:
        super().__init__(server, subject)
        self.server, self.name = server, name
        self.objects = f"/api/v1/servers/{server.locator}/objects"

    def asks_to_join(self) -> None:
        self.raw = self.renew()
        wish = {
            "server_id": self.server.locator,
            "secret": self.secret,
            "display_name": self.name,
            "note": f"{self.name} from the drawing office",
        }
        asked = self.post("/api/v1/join-requests", wish, content_type="application/json")
        assert asked.status_code == 202, asked.content

    def sends(self, number: int, kind: str = "message") -> None:
        for _ in range(number):
            headers = {"Enigm-Kind": kind, "Enigm-Authored-At": clock.now().isoformat()}
            sent = self.post(
                self.objects, sealed(), content_type="application/octet-stream", headers=headers
            )
            assert sent.status_code == 201, sent.content

    def finds(self) -> int | None:
        """How many objects it could fetch; None where it is refused."""
        answer = self.get(self.objects)
        return len(answer.json()["objects"]) if answer.status_code == 200 else None

    def hears(self) -> list[dict[str, Any]]:
        """Everything that the feed tells it; and it says that it has done so."""
        told = self.told()
        self.done(told["after"])
        return told["entries"]
