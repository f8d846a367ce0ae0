"""Withholdings: content that is kept from everyone and not deleted."""

import uuid
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from content.scope import ANY_KIND, ANYONE, Kind, Scope
from enigm_command.lib.clock import ClockNow
from enigm_command.lib.fields import SealedText

from .feed import FeedEntry

LONGEST_REASON = 140


class AlreadyWithheld(Exception):
    """Exactly this is withheld at present."""


class AlreadyReleased(Exception):
    """This withholding has ended before."""


class WithholdingQuerySet(models.QuerySet["Withholding"]):
    def of(self, server_id: Any) -> Self:
        """One server's withholdings."""
        return self.filter(server_id=server_id)

    def in_force(self, at: Any = None) -> Self:
        """Those that keep something back at this moment. No worker need have ended the others."""
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=at or Now()), released_at=None)

    def over(self) -> Self:
        """Those whose end date has come, and whose end nobody has recorded."""
        return self.filter(released_at=None, ends_at__lte=Now())

    def reaching(self, *, author: Any, kind: Any) -> Self:
        """Those that reach this author's objects of this kind."""
        return self.filter(author__in=[ANYONE, author], kind__in=[ANY_KIND, kind])

    def place(
        self, server_id: UUID, scope: Scope, *, ends_at: datetime | None = None, reason: str = ""
    ) -> "Withholding":
        """Keep what the scope reaches from everyone, from this commit on, and tell the devices.

        Raises AlreadyWithheld; of two at once, the later one waits for its number and then sees.
        """
        assert not scope.is_one_object, "a whole server, a kind, or a member's"
        number = FeedEntry.objects.announce(server_id, FeedEntry.withholding(scope, ends_at))
        reached = {"author": scope.author, "kind": scope.kind}
        if self.of(server_id).in_force().filter(**reached).exists():
            raise AlreadyWithheld
        return self.create(
            server_id=server_id, number=number, ends_at=ends_at, reason=reason or None, **reached
        )

    def release(self, withholding: "Withholding") -> None:
        """Hand out again what is left of it, and tell the devices; exactly one caller can win."""
        standing = self.filter(pk=withholding.pk, released_at=None)
        if not standing.update(released_at=ClockNow()):
            raise AlreadyReleased
        FeedEntry.objects.announce(withholding.server_id, FeedEntry.release(withholding.number))

    def close(self) -> None:
        """End them with their server: nothing is left that could be handed out, and nobody to be
        told."""
        self.filter(released_at=None).update(released_at=ClockNow())


class Withholding(models.Model):
    """Nothing of a scope is handed out while it stands, whenever it was sent. It still expires."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    server_id = models.UUIDField()
    number = models.BigIntegerField()
    author = models.UUIDField(default=ANYONE)
    kind = models.CharField(max_length=8, choices=Kind, blank=True, default=ANY_KIND)
    reason = SealedText(max_length=LONGEST_REASON, null=True)
    placed_at = models.DateTimeField(db_default=ClockNow(), editable=False)
    ends_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)

    objects: ClassVar[WithholdingQuerySet] = WithholdingQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["server_id", "number"], name="withholding_number_once"),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=["server_id", "author", "kind"],
                condition=Q(released_at=None),
                name="withholding_standing",
            ),
        ]

    def __str__(self) -> str:
        return f"W-{self.number}"

    @property
    def scope(self) -> Scope:
        """What it reaches, as it was chosen."""
        return Scope(author=self.author, kind=self.kind)
