"""Devices: how far each has come in the feed, and nothing else of it."""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar, Self
from uuid import UUID

from django.db import models
from django.db.models import Count, F, Q
from django.db.models.functions import Greatest, Now

from content.lifetimes import LONGEST
from enigm_command.lib.clock import UtcWeek

KEPT = LONGEST  # after the last contact: by then every copy on a device has expired


class DeviceQuerySet(models.QuerySet["Device"]):
    def of(self, server_id: UUID) -> Self:
        """One server's devices."""
        return self.filter(server_id=server_id)

    def knows(self, server_id: UUID, member: UUID, handle: UUID) -> bool:
        """Was this member's device seen while they were one, and not too long ago?"""
        return self.filter(pk=(server_id, handle), member=member).exists()

    def see(self, server_id: UUID, member: UUID, handle: UUID) -> None:
        """A member's device was in contact this week. Written once a week."""
        this_week = UtcWeek(Now())
        if self.filter(pk=(server_id, handle), week=this_week).exists():
            return
        device = self.model(server_id=server_id, handle=handle, member=member, week=this_week)
        self.bulk_create([device], ignore_conflicts=True)
        self.filter(pk=device.pk, week__lt=this_week).update(week=this_week)

    def advance(self, server_id: UUID, handle: UUID, number: int) -> None:
        """A device has done all that the feed says up to this number. It never goes back."""
        device = self.filter(pk=(server_id, handle))
        device.update(number=Greatest(F("number"), number))

    def by_week(self, number: int) -> list[tuple[date, int, int]]:
        """Week by week, the latest first: how many were last in contact then, and how many of them
        have not come as far as this number."""
        behind = Count("handle", filter=Q(number__lt=number))
        weeks = self.order_by().values_list("week").annotate(Count("handle"), behind=behind)
        return list(weeks.order_by("-week"))

    def by_number(self) -> Mapping[int, int]:
        """How many have come to which number, and no further."""
        return dict(self.order_by().values_list("number").annotate(Count("handle")))

    def forgettable(self) -> Self:
        """Those that nobody heard of for so long that they hold nothing any more."""
        return self.filter(week__lt=UtcWeek(Now() - KEPT))


class Device(models.Model):
    """One device of one member, by handles. It outlives the membership: what is deleted later may
    still lie on it, and it asks the feed as long as this row stands."""

    pk = models.CompositePrimaryKey("server_id", "handle")
    server_id = models.UUIDField()
    handle = models.UUIDField()
    member = models.UUIDField()
    number = models.BigIntegerField(default=0)
    week = models.DateField()

    objects: ClassVar[DeviceQuerySet] = DeviceQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["week"], name="device_by_week"),
        ]

    def __str__(self) -> str:
        return f"device at {self.number}"
