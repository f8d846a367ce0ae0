"""What is true in the simulation, said by its own rules and kept beside the product.

A content is what somebody wrote. The server may hold several copies of it, and devices hold more.
Once it was deleted, or is as old as it may become, it is gone: no copy of it may be readable ever
again, under whatever id and whoever offers it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from content.scope import Scope

MONTH = timedelta(days=30)
GRAIN = timedelta(seconds=1)  # what a device says of its clock is known to the second
LIMIT_AHEAD = timedelta(minutes=1)  # so far a limit is kept beyond its end when it is lifted


@dataclass(eq=False)
class Content:
    """Something written once; `key` is what its devices repeat with each offer, or None."""

    author: UUID
    kind: str
    body: bytes
    key: UUID | None
    copies: "dict[UUID, Copy]" = field(default_factory=dict)
    written_at: datetime | None = None  # as far as the server could know when it first came
    is_gone: bool = False

    def is_of(self, scope: Scope) -> bool:
        """Does a scope reach its author and kind?"""
        return scope.as_filters().items() <= {"author": self.author, "kind": self.kind}.items()

    def is_older_than_30_days(self, now: datetime) -> bool:
        """As far as the server could know."""
        return self.written_at is not None and self.written_at + MONTH <= now

    def is_from_before(self, moment: datetime) -> bool:
        """Was it on the server, and nothing of its second is later than this?"""
        return self.written_at is not None and self.written_at + GRAIN <= moment


@dataclass(eq=False)
class Copy:
    """One object on the server."""

    content: Content
    public_id: str
    effective_at: datetime
    expires_at: datetime
    is_dead: bool = False


class Truth:
    """All contents of a server, and all that was decided about them."""

    def __init__(self) -> None:
        self.contents: list[Content] = []
        self.cutoffs: list[tuple[Scope, datetime]] = []
        self.withheld: dict[object, tuple[Scope, datetime | None]] = {}
        self.lifetimes = {"message": MONTH, "media": MONTH}

    def copies(self) -> "Iterator[tuple[UUID, Copy]]":
        """Of all contents, by their object's id."""
        for content in self.contents:
            yield from content.copies.items()

    def readable(self, now: datetime) -> set[UUID]:
        """Exactly what every member's devices may read."""
        return {
            object_id
            for object_id, copy in self.copies()
            if not copy.is_dead and not self.is_withheld(copy.content, now)
        }

    def is_withheld(self, content: Content, now: datetime) -> bool:
        """Is it kept from everyone at present?"""
        return any(
            content.is_of(scope) and (ends_at is None or ends_at > now)
            for scope, ends_at in self.withheld.values()
        )

    def answer(self, content: Content, said_at: datetime, now: datetime) -> str:
        """What the server has to answer to an offer: stored, known, deleted or expired."""
        if content.key and content.copies:
            return (
                "known" if any(not copy.is_dead for copy in content.copies.values()) else "deleted"
            )
        written_at, effective_at = times(said_at, now)
        if written_at + self.lifetimes[content.kind] <= now:
            return "expired"
        reached = any(
            content.is_of(scope) and effective_at <= cutoff for scope, cutoff in self.cutoffs
        )
        return "deleted" if reached else "stored"

    def store(self, content: Content, copy: Copy, object_id: UUID, written_at: datetime) -> None:
        """The server took a copy in."""
        content.copies[object_id] = copy
        content.written_at = min(content.written_at or written_at, written_at)

    def delete(self, scope: Scope, cutoff: datetime) -> None:
        """By an order, by its author, or by a limit that was lifted."""
        self.cutoffs.append((scope, cutoff))
        for content in filter(lambda each: each.is_of(scope), self.contents):
            for copy in content.copies.values():
                copy.is_dead |= copy.effective_at <= cutoff
            if content.is_from_before(cutoff):
                content.is_gone = True

    def delete_one(self, content: Content) -> None:
        """By its id alone: it has one copy, and its devices repeat its key."""
        content.is_gone = True
        for copy in content.copies.values():
            copy.is_dead = True

    def limit(self, kind: str, lifetime: timedelta, now: datetime) -> None:
        """Let a kind live longer or shorter. What outgrew the old limit stays gone."""
        if lifetime > self.lifetimes[kind]:
            kept_dark = now + LIMIT_AHEAD - self.lifetimes[kind]
            self.delete(Scope(kind=kind), kept_dark)
        self.lifetimes[kind] = lifetime
        self.age(now)

    def age(self, now: datetime) -> None:
        """What is as old as it may become is gone, and so is whatever is older than 30 days."""
        for content in self.contents:
            limit = now - self.lifetimes[content.kind]
            content.is_gone |= content.is_from_before(limit)
            for copy in content.copies.values():
                copy.is_dead |= copy.expires_at <= now or copy.effective_at <= limit


def times(said_at: datetime, now: datetime) -> tuple[datetime, datetime]:
    """When an object that comes now was written, and which moment counts for orders."""
    written_at = min(said_at, now)
    return written_at, min(written_at + GRAIN, now)
