"""Three tables that point to nothing: keys of scopes, runs of sweeps, buckets of tries."""

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar, Self

from django.db import models
from django.db.models import Value
from django.db.models.functions import Cast

from . import clock
from .clock import ClockNow
from .leases import Leased, LeasedQuerySet

# The number of the master key that wraps a data key stands in its second byte.
MASTER = Cast(models.Func("wrapped", Value(1), function="get_byte"), models.IntegerField())


class DataKeyQuerySet(models.QuerySet["DataKey"]):
    def count_by_master(self) -> dict[int, int]:
        """How many data keys each master key wraps; those that wrap none are not named."""
        counts = self.annotate(master=MASTER).values_list("master").annotate(models.Count("pk"))
        return dict(counts.order_by("master"))

    def one_of_each_master(self) -> Self:
        """For each master key in use, one data key that it wraps."""
        return self.annotate(master=MASTER).order_by("master", "pk").distinct("master")

    def not_wrapped_by(self, number: int) -> Self:
        """Those that another master key wraps."""
        return self.annotate(master=MASTER).exclude(master=number)


class DataKey(models.Model):
    """The key of one scope (a server, or the platform), wrapped by the master key.

    Deleting the row is the crypto-shred: everything sealed in that scope becomes noise.
    """

    scope = models.UUIDField(primary_key=True)
    wrapped = models.BinaryField()
    made_at = models.DateTimeField(db_default=ClockNow())

    objects: ClassVar[DataKeyQuerySet] = DataKeyQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return f"key of {self.scope}"


class SweepRunQuerySet(LeasedQuerySet["SweepRun"]):
    def unfinished(self) -> "SweepRunQuerySet":
        """A sweep never ends for good: only its lease decides who may run it."""
        return self

    def list_all(self, names: Mapping[str, timedelta]) -> None:
        """Make sure that each sweep of the schedule has its row."""
        self.bulk_create([SweepRun(name=name) for name in names], ignore_conflicts=True)

    def late(self, periods: Mapping[str, timedelta], grace: timedelta) -> list[str]:
        """The sweeps of the schedule that have not ended a run for two periods and the grace."""
        ended = {run.name: run.ended_at or run.listed_at for run in self}
        now = clock.now()
        return sorted(
            name
            for name, every in periods.items()
            if name not in ended or ended[name] < now - 2 * every - grace
        )


class SweepRun(Leased):
    """When a sweep last ran, and who holds it now."""

    name = models.CharField(primary_key=True, max_length=60)
    listed_at = models.DateTimeField(db_default=ClockNow())
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects: ClassVar[SweepRunQuerySet] = SweepRunQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.name


class ThrottleBucketQuerySet(models.QuerySet["ThrottleBucket"]):
    def empty(self) -> "ThrottleBucketQuerySet":
        """Buckets that count nothing any more: as good as none."""
        return self.filter(empty_at__lt=ClockNow())


class ThrottleBucket(models.Model):
    """How much was tried lately. The key tells neither what it was nor by whom (see `throttle`)."""

    key = models.BinaryField(primary_key=True, max_length=16)
    empty_at = models.DateTimeField()

    objects: ClassVar[ThrottleBucketQuerySet] = ThrottleBucketQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return f"empty at {self.empty_at:%H:%M}"
