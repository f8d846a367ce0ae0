"""Deletion orders: content that is gone from the moment the order exists."""

import uuid
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self
from uuid import UUID

from django.db import models
from django.db.models import Exists, F, Max, OuterRef, Q
from django.db.models.functions import Greatest, Now

from content.lifetimes import LONGEST
from content.scope import ANY_KIND, ANYONE, ANYTHING, Kind, Scope
from enigm_command.lib.clock import LONG_AGO, ClockNow
from enigm_command.lib.doorbell import ring
from enigm_command.lib.leases import Leased, LeasedQuerySet

from .cutoffs import Cutoff, ObjectDeletion
from .feed import FeedEntry
from .gate import Gate
from .objects import EncryptedObject

SILENCE = timedelta(minutes=10)  # of a purge, before it is called stalled
KEPT = LONGEST + timedelta(days=1)

# A worker in the middle of a batch ends it and is told at the next one that it was overtaken.
OVERTAKE: dict[str, Any] = {"fence": F("fence") + 1, "lease_until": LONG_AGO}


class AlreadyPlaced(Exception):
    """An order with this id stands: asking twice is one order."""


class NotUnderWay(Exception):
    """The purge has ended, or rests or goes on already."""


class DeletionOrderQuerySet(LeasedQuerySet["DeletionOrder"]):
    def of(self, server_id: UUID) -> Self:
        """One server's orders."""
        return self.filter(server_id=server_id)

    def unfinished(self) -> Self:
        """Those with something to purge that nobody has paused. A hold that began before an order
        keeps it waiting."""
        held = Gate.objects.filter(pk=OuterRef("server_id"), held_since__lt=OuterRef("placed_at"))
        return self.filter(~Exists(held), finished_at=None, paused_at=None)

    def stalled(self) -> Self:
        """Those that nobody has worked on for so long that somebody must look."""
        return self.unfinished().filter(heard_at__lt=ClockNow() - SILENCE)

    def with_stalled(self) -> Self:
        """Each with `is_stalled`: should somebody work on it, and nobody does?"""
        silent = DeletionOrder.objects.stalled().filter(pk=OuterRef("pk"))
        return self.annotate(is_stalled=Exists(silent))

    def begin_anew(self, server_id: UUID) -> None:
        """What waited for a hold is worked on from now on: until now nobody could have."""
        self.of(server_id).filter(finished_at=None).update(heard_at=ClockNow())

    def forgettable(self) -> Self:
        """Those of which nothing that they cover can be alive any more. Their receipts stay."""
        return self.filter(finished_at__isnull=False, placed_at__lt=Now() - KEPT)

    def pause(self, order: "DeletionOrder") -> None:
        """Let the purge rest; what was ordered stays in the dark. Raises NotUnderWay."""
        running = self.filter(pk=order.pk, finished_at=None, paused_at=None)
        order.require(running.update(paused_at=ClockNow(), **OVERTAKE))

    def resume(self, order: "DeletionOrder") -> None:
        """Let the purge go on. Raises NotUnderWay."""
        paused = self.filter(pk=order.pk, finished_at=None, paused_at__isnull=False)
        order.require(paused.update(paused_at=None, heard_at=ClockNow(), **OVERTAKE))
        ring("content.purge", order.pk)

    def abort(self, order: "DeletionOrder") -> None:
        """End the purge where it is: what is left stays in the dark and goes by its own time.
        Raises NotUnderWay."""
        running = self.filter(pk=order.pk, finished_at=None)
        over = {"aborted_at": ClockNow(), "finished_at": ClockNow(), "paused_at": None}
        order.require(running.update(**over, **OVERTAKE))

    def reaching(self, row: EncryptedObject, told_at: datetime) -> Self:
        """Those by which an object that was written at this moment is deleted."""
        of_many = Q(
            author__in=[ANYONE, row.author],
            kind__in=[ANY_KIND, row.kind],
            object_id=ANYTHING,
            cutoff_at__gte=told_at,
        )
        return self.of(row.server_id).filter(of_many | Q(object_id=row.id))

    def newest_number(self) -> int | None:
        """The number of the last one that was placed, if there is one."""
        newest: int | None = self.aggregate(newest=Max("number"))["newest"]
        return newest

    def place(
        self,
        server_id: UUID,
        scope: Scope,
        *,
        order_id: UUID | None = None,
        cutoff_at: datetime | None = None,
        previewed: int | None = None,
        wakes: bool = True,
    ) -> "DeletionOrder":
        """Make what the scope reaches unavailable from this commit on.

        `cutoff_at` and `previewed` are what a review showed; without a review the cutoff is now.
        Raises AlreadyPlaced when an order with `order_id` stands.
        """
        gate = Gate.objects.close(server_id)
        if order_id and self.filter(pk=order_id).exists():
            raise AlreadyPlaced
        placed_at = not_before_the_newest(server_id, gate.clock)
        cutoff_at = scope.cutoff(min(cutoff_at or placed_at, placed_at))
        order = self.create(
            id=order_id or uuid.uuid4(),
            server_id=server_id,
            number=FeedEntry.objects.announce(server_id, FeedEntry.deletion(scope, cutoff_at)),
            author=scope.author,
            kind=scope.kind,
            object_id=scope.object_id,
            expires_on=scope.expires_on,
            by_age=scope.older_than is not None,
            placed_at=placed_at,
            cutoff_at=cutoff_at,
            previewed=previewed,
        )
        order.darken()
        if wakes:
            ring("content.purge", order.pk)
        return order


class DeletionOrder(Leased):
    """What was ordered gone, and how far the purge has caught up with it.

    What is dark is decided by `cutoff_at`: fixed at the review, if there was one. The purge looks
    for it among everything received up to `placed_at`: after that moment the gate lets nothing in
    that the order covers.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    server_id = models.UUIDField()
    number = models.BigIntegerField()
    author = models.UUIDField(default=ANYONE)
    kind = models.CharField(max_length=8, choices=Kind, blank=True, default=ANY_KIND)
    object_id = models.UUIDField(default=ANYTHING)
    expires_on = models.DateField(null=True)
    by_age = models.BooleanField(default=False)  # then the cutoff was chosen, and is in its words
    cutoff_at = models.DateTimeField()
    placed_at = models.DateTimeField()
    previewed = models.BigIntegerField(null=True)
    purged = models.BigIntegerField(default=0)
    purged_bytes = models.BigIntegerField(default=0)
    heard_at = models.DateTimeField(db_default=ClockNow())
    paused_at = models.DateTimeField(null=True)
    aborted_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects: ClassVar[DeletionOrderQuerySet] = DeletionOrderQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["server_id", "number"], name="order_number_once"),
            models.CheckConstraint(
                condition=models.Q(cutoff_at__lte=F("placed_at")),
                name="order_cutoff_not_in_the_future",
            ),
            models.CheckConstraint(
                condition=models.Q(finished_at=None) | models.Q(paused_at=None),
                name="order_rests_only_unfinished",
            ),
            models.CheckConstraint(
                condition=models.Q(aborted_at=None) | models.Q(finished_at__isnull=False),
                name="order_aborted_is_over",
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(
                fields=["lease_until"],
                condition=models.Q(finished_at=None),
                name="order_unfinished",
            )
        ]

    def __str__(self) -> str:
        return f"D-{self.number}"

    @property
    def scope(self) -> Scope:
        """What it reaches, as it was chosen."""
        return Scope(
            author=self.author,
            kind=self.kind,
            object_id=self.object_id,
            expires_on=self.expires_on,
            older_than=self.cutoff_at if self.by_age else None,
        )

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None

    @property
    def state(self) -> str:
        """How it stands, in a word."""
        if self.aborted_at:
            return "Ended early"
        if self.is_finished:
            return "Complete"
        return "Paused" if self.paused_at else "In progress"

    def require(self, won: int) -> None:
        """NotUnderWay unless an update of this row found it as it must be."""
        if not won:
            raise NotUnderWay
        self.refresh_from_db()

    def covered(self) -> models.QuerySet[EncryptedObject]:
        """What it takes away and what is still in storage."""
        return EncryptedObject.objects.covered(self.server_id, self.scope, self.cutoff_at)

    def purgeable(self) -> models.QuerySet[EncryptedObject]:
        """The same objects by the index."""
        return self.covered().filter(received_at__lte=self.placed_at)

    def darken(self) -> None:
        """Fold the order into what every read looks at. Only with the gate closed."""
        scope, gate = self.scope, Gate.objects.filter(pk=self.server_id)
        if scope.is_everything:
            gate.update(floor=Greatest(F("floor"), self.cutoff_at))
        elif scope.is_one_object:
            ObjectDeletion.objects.record(
                self.server_id, self.object_id, self.expires_on, by_author=False
            )
        else:
            Cutoff.objects.fold(self.server_id, scope, self.cutoff_at)

    def _write(self, **changes: Any) -> None:
        """With every sign of life, when it was."""
        super()._write(heard_at=ClockNow(), **changes)


def not_before_the_newest(server_id: UUID, clock: datetime) -> datetime:
    """A database clock that stepped back must not leave objects on the far side of a cutoff."""
    newest = EncryptedObject.objects.filter(server_id=server_id).order_by("-received_at")
    return max([clock, *newest.values_list("received_at", flat=True)[:1]])
