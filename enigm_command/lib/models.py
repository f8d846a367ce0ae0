"""Three tables that point to nothing: the keys of each scope, and the runs of each sweep."""

from collections.abc import Mapping
from datetime import timedelta
from typing import ClassVar

from django.db import models

from . import clock
from .clock import ClockNow
from .leases import Leased, LeasedQuerySet


class DataKey(models.Model):
    """The key of one scope (a server, or the platform), wrapped by the master key.

    Deleting the row is the crypto-shred: everything sealed in that scope becomes noise.
    """

    scope = models.UUIDField(primary_key=True)
    wrapped = models.BinaryField()
    made_at = models.DateTimeField(db_default=ClockNow())

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
