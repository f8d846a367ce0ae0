"""Deletion orders: content that is gone from the moment the order exists."""

import uuid
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from django.db import models
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Greatest

from content.scope import ANY_KIND, ANYONE, ANYTHING, Kind, Scope
from enigm_command.lib.doorbell import ring
from enigm_command.lib.leases import Leased, LeasedQuerySet

from .cutoffs import Cutoff, ObjectDeletion
from .feed import FeedEntry
from .gate import Gate
from .objects import EncryptedObject


class AlreadyPlaced(Exception):
    """An order with this id stands: asking twice is one order."""


class DeletionOrderQuerySet(LeasedQuerySet["DeletionOrder"]):
    def of(self, server_id: UUID) -> Self:
        """One server's orders."""
        return self.filter(server_id=server_id)

    def unfinished(self) -> Self:
        """Those with something to purge. A hold that began before an order keeps it waiting."""
        held = Gate.objects.filter(pk=OuterRef("server_id"), held_since__lt=OuterRef("placed_at"))
        return self.filter(~Exists(held), finished_at=None)

    def place(
        self,
        server_id: UUID,
        scope: Scope,
        *,
        order_id: UUID | None = None,
        cutoff_at: datetime | None = None,
        previewed: int | None = None,
    ) -> "DeletionOrder":
        """Make what the scope reaches unavailable from this commit on.

        `cutoff_at` and `previewed` are what a review showed; without a review the cutoff is now.
        Raises AlreadyPlaced when an order with `order_id` stands.
        """
        gate = Gate.objects.close(server_id)
        if order_id and self.filter(pk=order_id).exists():
            raise AlreadyPlaced
        placed_at = not_before_the_newest(server_id, gate.clock)
        cutoff_at = min(cutoff_at or placed_at, placed_at)
        order = self.create(
            id=order_id or uuid.uuid4(),
            server_id=server_id,
            number=FeedEntry.objects.announce(server_id, FeedEntry.deletion(scope, cutoff_at)),
            author=scope.author,
            kind=scope.kind,
            object_id=scope.object_id,
            expires_on=scope.expires_on,
            placed_at=placed_at,
            cutoff_at=cutoff_at,
            previewed=previewed,
        )
        order.darken()
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
    cutoff_at = models.DateTimeField()
    placed_at = models.DateTimeField()
    previewed = models.BigIntegerField(null=True)
    purged = models.BigIntegerField(default=0)
    purged_bytes = models.BigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    objects: ClassVar[DeletionOrderQuerySet] = DeletionOrderQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["server_id", "number"], name="order_number_once"),
            models.CheckConstraint(
                condition=models.Q(cutoff_at__lte=F("placed_at")),
                name="order_cutoff_not_in_the_future",
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
        )

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None

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


def not_before_the_newest(server_id: UUID, clock: datetime) -> datetime:
    """A database clock that stepped back must not leave objects on the far side of a cutoff."""
    newest = EncryptedObject.objects.filter(server_id=server_id).order_by("-received_at")
    return max([clock, *newest.values_list("received_at", flat=True)[:1]])
