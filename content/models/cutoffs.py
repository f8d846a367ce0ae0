"""What lies in the dark: orders folded to the little that every read must look at.

`Cutoff` changes only by an order or with the policy, and both only with an entry in the log.
`OwnCutoff` and `ObjectDeletion` are also written for members who delete what is their own; that is
no act of power, so these two tables stand outside the rule of the log (an order's part in them is
recorded by the order itself).
"""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self
from uuid import UUID

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Greatest, Now

from content.lifetimes import LONGEST
from content.scope import ANY_KIND, ANYONE, Kind, Scope
from enigm_command.lib.clock import ClockNow

from .gate import Gate

if TYPE_CHECKING:
    from .objects import EncryptedObject

KEPT = LONGEST + timedelta(days=1)


class CutoffQuerySet(models.QuerySet["Cutoff"]):
    def fold(self, server_id: UUID, scope: Scope, cutoff_at: datetime) -> None:
        """Move the newest cutoff of this scope forward, never back. Only with the gate closed."""
        cutoff = self.model(
            server_id=server_id, author=scope.author, kind=scope.kind, cutoff_at=cutoff_at
        )
        self.bulk_create([cutoff], ignore_conflicts=True)
        self.filter(pk=cutoff.pk).update(cutoff_at=Greatest(F("cutoff_at"), cutoff_at))

    def over(self, *, author: Any, kind: Any) -> Self:
        """Those that reach this author's objects of this kind."""
        return self.filter(author__in=[ANYONE, author], kind__in=[ANY_KIND, kind])

    def forgettable(self) -> Self:
        """Those that reach nothing that could still be alive."""
        return self.filter(cutoff_at__lt=Now() - KEPT)


class Cutoff(models.Model):
    """The newest order of one scope: what it reaches is dark up to `cutoff_at`."""

    pk = models.CompositePrimaryKey("server_id", "author", "kind")
    server_id = models.UUIDField()
    author = models.UUIDField(default=ANYONE)
    kind = models.CharField(max_length=8, choices=Kind, blank=True, default=ANY_KIND)
    cutoff_at = models.DateTimeField()

    objects: ClassVar[CutoffQuerySet] = CutoffQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return f"cutoff at {self.cutoff_at}"


class OwnCutoffQuerySet(models.QuerySet["OwnCutoff"]):
    def fold(self, server_id: UUID, author: UUID, cutoff_at: datetime) -> None:
        """Move a member's own cutoff forward; its purge begins again. Only with the gate closed."""
        self.update_or_create(
            server_id=server_id,
            author=author,
            defaults={"cutoff_at": cutoff_at, "finished_at": None},
        )

    def unfinished(self) -> Self:
        """Those whose content may still be in storage. A hold that is older keeps them waiting."""
        return self.filter(~_held("cutoff_at"), finished_at=None)


class OwnCutoff(models.Model):
    """A member deleted everything they had sent up to `cutoff_at`."""

    pk = models.CompositePrimaryKey("server_id", "author")
    server_id = models.UUIDField()
    author = models.UUIDField()
    cutoff_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    objects: ClassVar[OwnCutoffQuerySet] = OwnCutoffQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return f"own cutoff at {self.cutoff_at}"


class ObjectDeletionQuerySet(models.QuerySet["ObjectDeletion"]):
    def of(self, server_id: Any, object_id: Any) -> Self:
        """The deletion of one object, if there was one."""
        return self.filter(server_id=server_id, object_id=object_id)

    def record(
        self, server_id: UUID, object_id: UUID, expires_on: date | None, *, by_author: bool
    ) -> None:
        """Put one object in the dark; the first to do so is the one that counts."""
        deletion = self.model(
            server_id=server_id, object_id=object_id, expires_on=expires_on, by_author=by_author
        )
        self.bulk_create([deletion], ignore_conflicts=True)

    def unfinished(self) -> Self:
        """Those by authors whose object may still be in storage; an order sees to its own. A hold
        that is older keeps them waiting."""
        return self.filter(~_held("deleted_at"), by_author=True, finished_at=None)

    def untold(self) -> Self:
        """Those by authors that devices have not been told of. No hold keeps that waiting."""
        return self.filter(by_author=True, told=False)


class ObjectDeletion(models.Model):
    """One object that was deleted. Kept until the object's own time would have been over."""

    pk = models.CompositePrimaryKey("server_id", "object_id")
    server_id = models.UUIDField()
    object_id = models.UUIDField()
    expires_on = models.DateField()
    by_author = models.BooleanField()
    deleted_at = models.DateTimeField(db_default=ClockNow())
    told = models.BooleanField(default=False)
    finished_at = models.DateTimeField(null=True)

    objects: ClassVar[ObjectDeletionQuerySet] = ObjectDeletionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["expires_on"], name="object_deletion_by_day"),
            models.Index(
                fields=["server_id"],
                condition=Q(by_author=True, finished_at=None),
                name="object_deletion_unfinished",
            ),
            models.Index(
                fields=["server_id"],
                condition=Q(by_author=True, told=False),
                name="object_deletion_untold",
            ),
        ]

    def __str__(self) -> str:
        return f"deletion of {self.object_id}"


def _held(since: str) -> Exists:
    """Does a hold lie on the server that began before this?"""
    gate = Gate.objects.filter(pk=OuterRef("server_id"))
    return Exists(gate.filter(held_since__lt=OuterRef(since)))


def darkening() -> Q:
    """True for an object that an order, its author or a deletion of its own keeps from everyone.

    One OR on purpose: PostgreSQL then asks row by row along the index and stops when a page is
    full. NOT EXISTS one by one becomes joins, and while a table has no statistics yet it gathers
    the whole server for them (300,000 objects: 1.1 s a page in place of 0.05 s).
    """
    here = {"server_id": OuterRef("server_id"), "cutoff_at__gte": OuterRef("effective_at")}
    orders = Cutoff.objects.over(author=OuterRef("author"), kind=OuterRef("kind")).filter(**here)
    own = OwnCutoff.objects.filter(author=OuterRef("author"), **here)
    single = ObjectDeletion.objects.of(OuterRef("server_id"), OuterRef("id"))
    return Q(Exists(orders)) | Q(Exists(own)) | Q(Exists(single))


def is_dark(row: "EncryptedObject", told_at: datetime) -> bool:
    """The same for one object that is not ready yet, by the exact time at which it was written."""
    here = {"server_id": row.server_id, "cutoff_at__gte": told_at}
    orders = Cutoff.objects.over(author=row.author, kind=row.kind).filter(**here)
    own = OwnCutoff.objects.filter(author=row.author, **here)
    single = ObjectDeletion.objects.of(row.server_id, row.id)
    of_any = (each.values("server_id") for each in (own, single))
    return orders.values("server_id").union(*of_any, all=True).exists()
