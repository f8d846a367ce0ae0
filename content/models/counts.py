"""What was counted in the partitions, for pages that must not count themselves."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Sum
from django.db.models.functions import Now

from content.scope import Kind
from enigm_command.lib.clock import UtcDay


class CountedDayQuerySet(models.QuerySet["CountedDay"]):
    def forgettable(self) -> "CountedDayQuerySet":
        """Those of days that are over: their partition is gone or about to go."""
        return self.filter(expires_on__lt=UtcDay(Now()))


class CountedDay(models.Model):
    """What PostgreSQL's own change counter of a partition said when it was last counted."""

    expires_on = models.DateField(primary_key=True)
    changes = models.BigIntegerField()

    objects: ClassVar[CountedDayQuerySet] = CountedDayQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return f"{self.expires_on}"


class ObjectCountQuerySet(models.QuerySet["ObjectCount"]):
    def of(self, server_id: UUID) -> "ObjectCountQuerySet":
        """One server's counts."""
        return self.filter(server_id=server_id)

    def held(self) -> int:
        """All their bytes together."""
        return self.aggregate(held=Sum("bytes_held"))["held"] or 0

    def forgettable(self) -> "ObjectCountQuerySet":
        """Those of days that are over: nothing of them is left to count."""
        return self.filter(expires_on__lt=UtcDay(Now()))

    def replace(self, day: date, counts: Iterable[Mapping[str, Any]]) -> None:
        """Put a day's new counts in the place of its old ones."""
        self.filter(expires_on=day).delete()
        self.bulk_create([self.model(expires_on=day, **count) for count in counts])


class ObjectCount(models.Model):
    """How much of one server lies in one day's partition, as last counted."""

    pk = models.CompositePrimaryKey("server_id", "expires_on", "kind")
    server_id = models.UUIDField()
    expires_on = models.DateField()
    kind = models.CharField(max_length=8, choices=Kind)
    objects_held = models.BigIntegerField()
    bytes_held = models.BigIntegerField()

    objects: ClassVar[ObjectCountQuerySet] = ObjectCountQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return f"{self.objects_held} on {self.expires_on}"
