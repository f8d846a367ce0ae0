"""What devices of a server are told: deletions, withholdings, how the server stands.

Whoever announces takes the next number from the server's gate and keeps that row locked until its
transaction ends. So numbers become visible in their order and without a gap: a device that has
seen one has missed none before it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from content.lifetimes import LONGEST
from content.object_ids import LENGTH, public_id
from content.scope import ANY_KIND, ANYONE, Kind, Scope
from enigm_command.lib.clock import ClockNow

from .gate import Gate

KEPT = LONGEST  # nothing that an older entry reaches can still be alive
OBJECTS_EACH = 8  # single objects that one entry names


class FeedEntryQuerySet(models.QuerySet["FeedEntry"]):
    def of(self, server_id: UUID) -> Self:
        """One server's feed."""
        return self.filter(server_id=server_id)

    def announce(self, server_id: UUID, *entries: "FeedEntry") -> int:
        """Tell a server's devices, in the transaction of what is told. The last entry's number."""
        last = Gate.objects.count_on(server_id, len(entries))
        for number, entry in enumerate(entries, last - len(entries) + 1):
            entry.server_id, entry.number = server_id, number
        FeedEntry.objects.bulk_create(entries)
        return last

    def forgettable(self) -> Self:
        """Those that no device needs any more: one that is so far behind begins anew."""
        return self.filter(told_at__lt=Now() - KEPT)


class FeedEntry(models.Model):
    """One thing that the devices of a server are told. Columns that say nothing are empty."""

    class What(models.TextChoices):
        DELETION = "deletion"
        LIFETIME = "lifetime"
        RELEASE = "release"
        STANDING = "standing"
        WITHHOLDING = "withholding"

    pk = models.CompositePrimaryKey("server_id", "number")
    server_id = models.UUIDField()
    number = models.BigIntegerField()
    what = models.CharField(max_length=12, choices=What)
    author = models.UUIDField(default=ANYONE)
    kind = models.CharField(max_length=8, choices=Kind, blank=True, default=ANY_KIND)
    object_ids = ArrayField(models.CharField(max_length=LENGTH), default=list)
    until = models.DateTimeField(null=True)  # of a deletion: what it reaches; else its end
    about = models.BigIntegerField(null=True)  # the withholding that a release ends
    standing = models.CharField(max_length=16, blank=True, default="")  # the server's new one
    lifetime = models.DurationField(null=True)  # of a kind, from now on
    told_at = models.DateTimeField(db_default=ClockNow())

    objects: ClassVar[FeedEntryQuerySet] = FeedEntryQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes = (models.Index(fields=["told_at"], name="feed_entry_by_age"),)

    def __str__(self) -> str:
        return f"{self.what} {self.number}"

    @classmethod
    def deletion(cls, scope: Scope, cutoff_at: datetime) -> Self:
        """What an order reaches, up to its cutoff."""
        if scope.is_one_object:
            assert scope.expires_on is not None, "an object is named with its partition"
            named = public_id(scope.expires_on, scope.object_id)
            return cls(what=cls.What.DELETION, object_ids=[named])
        said: dict[str, Any] = {"author": scope.author, "kind": scope.kind, "until": cutoff_at}
        return cls(what=cls.What.DELETION, **said)

    @classmethod
    def of_many_objects(cls, object_ids: Sequence[str]) -> list[Self]:
        """Single objects that are deleted, some in each entry."""
        begins = range(0, len(object_ids), OBJECTS_EACH)
        groups = [object_ids[begin : begin + OBJECTS_EACH] for begin in begins]
        return [cls(what=cls.What.DELETION, object_ids=group) for group in groups]

    @classmethod
    def withholding(cls, scope: Scope, ends_at: datetime | None) -> Self:
        """What is kept from everyone, and until when, if that is known."""
        said: dict[str, Any] = {"author": scope.author, "kind": scope.kind, "until": ends_at}
        return cls(what=cls.What.WITHHOLDING, **said)

    @classmethod
    def release(cls, number: int) -> Self:
        """The withholding of this number has ended."""
        return cls(what=cls.What.RELEASE, about=number)

    @classmethod
    def of_lifetime(cls, kind: str, lifetime: timedelta) -> Self:
        """How long objects of a kind live from now on, by the policy."""
        return cls(what=cls.What.LIFETIME, kind=kind, lifetime=lifetime)

    @classmethod
    def of_standing(cls, standing: str) -> Self:
        """How the server stands from now on."""
        return cls(what=cls.What.STANDING, standing=standing)
