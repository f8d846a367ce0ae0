"""A phone: it has a clock of its own, may be away for months, and offers what it holds again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from content import feed, intake, listing
from content.models import EncryptedObject
from content.scope import ANYONE
from membership.access import Access, Listener
from tests.objects import arriving, offer

from .truth import GRAIN, Content, Copy, Truth, times

REFUSALS = {intake.AlreadyDeleted: "deleted", intake.AlreadyExpired: "expired"}


@dataclass(frozen=True)
class Held:
    """A copy on a device. `received_at` is None as long as no server has answered for it."""

    said_at: datetime
    received_at: datetime | None = None

    def is_reached(self, up_to: datetime) -> bool:
        """Does a deletion up to this moment mean it? As the app API's documentation says it."""
        return self.received_at is not None and min(self.said_at + GRAIN, self.received_at) <= up_to


class Device:
    """One member's. `skew` is how far its clock is wrong."""

    def __init__(self, member: UUID, handle: UUID, skew: timedelta) -> None:
        self.member, self.handle, self.skew = member, handle, skew
        self.holds: dict[Content, Held] = {}
        self.position = 0

    def write(self, content: Content, now: datetime) -> None:
        """At the time that it takes it to be. Nothing is sent yet."""
        self.holds[content] = Held(now + self.skew)

    def offer(
        self, content: Content, access: Access, truth: Truth, now: datetime, *, heard: bool
    ) -> None:
        """Send a content, for the first time or again; the answer may be lost on its way."""
        said_at = self.holds[content].said_at
        expected = truth.answer(content, said_at, now)
        answer, stored = self._send(content, access)
        assert answer == expected
        if stored is None:
            if heard:
                del self.holds[content]
            return
        assert not content.is_gone, "what is gone was taken in again"
        if answer == "stored":
            copy = Copy(content, stored.public_id, stored.effective_at, stored.expires_at)
            truth.store(content, copy, stored.id, times(said_at, now)[0])
        if heard:
            self.holds[content] = Held(stored.authored_at, stored.received_at)

    def _send(self, content: Content, access: Access) -> tuple[str, EncryptedObject | None]:
        """What is answered, and what is stored."""
        said = {"authored_at": self.holds[content].said_at, "key": content.key}
        try:
            stored, is_new = intake.store(
                offer(kind=content.kind, **said), arriving(content.body), lambda: access
            )
        except tuple(REFUSALS) as refusal:
            return REFUSALS[type(refusal)], None
        return "stored" if is_new else "known", stored

    def catch_up(self, access: Access, truth: Truth, now: datetime) -> None:
        """Do what the feed says, then fetch what there is."""
        self._apply_feed(access)
        by_id = dict(truth.copies())
        shown = listing.page(access, listing.Cursor())
        assert not shown.more
        assert {each.id for each in shown.objects} == truth.readable(now)
        for each in shown.objects:
            self.holds[by_id[each.id].content] = Held(each.authored_at, each.received_at)
        self._forget_what_is_over(now)

    def _apply_feed(self, access: Access) -> None:
        listener = Listener(access.server, self.member, self.handle, is_admitted=True)
        more = True
        while more:
            page = feed.page(listener, self.position)
            if page.reset:
                self._drop([each for each, held in self.holds.items() if held.received_at])
            for entry in page.entries:
                if entry["what"] == "deletion":
                    self._drop(self._meant(entry))
            self.position, more = page.after, page.more
        feed.applied(listener, self.position)

    def _meant(self, entry: dict) -> list[Content]:
        """Which of its copies a deletion means."""
        named = set(entry.get("objects", ()))
        if named:
            return [each for each in self.holds if named & ids_of(each)]
        up_to = datetime.fromisoformat(entry["up_to"])
        author, kind = UUID(entry.get("author", str(ANYONE))), entry.get("kind", "")
        return [
            each
            for each, held in self.holds.items()
            if author in (ANYONE, each.author)
            and kind in ("", each.kind)
            and held.is_reached(up_to)
        ]

    def _forget_what_is_over(self, now: datetime) -> None:
        over = now - timedelta(days=30)
        self._drop([each for each, held in self.holds.items() if held.said_at <= over])

    def _drop(self, contents: list[Content]) -> None:
        for each in contents:
            del self.holds[each]


def ids_of(content: Content) -> set[str]:
    """What the server calls its copies."""
    return {copy.public_id for copy in content.copies.values()}
