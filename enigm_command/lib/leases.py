"""Work that exactly one process may carry on, and that another may take over when it dies.

A lease lasts until a moment in a row. Each holder has a higher fence than the one before, and
every step of work repeats its fence: a process that slept through its lease changes nothing more.
"""

from datetime import timedelta
from typing import Any, ClassVar, Generic, Self, TypeVar

from django.db import models
from django.db.models import F

from .clock import LONG_AGO, ClockNow

Row = TypeVar("Row", bound="Leased")


class LeaseLost(Exception):
    """Another process carries this work on."""


class LeasedQuerySet(models.QuerySet[Row], Generic[Row]):
    def unfinished(self) -> Self:
        """The rows on which work is left. Each table says which these are."""
        return self.none()

    def free(self) -> Self:
        """Unfinished rows that nobody holds."""
        return self.unfinished().filter(lease_until__lt=ClockNow())

    def claim(self, pk: Any) -> Row | None:
        """Take one row's lease; None when it is held, finished or not there."""
        row = self.model(pk=pk)
        lease = {"fence": F("fence") + 1, "lease_until": ClockNow() + self.model.LEASE}
        if not self.free().filter(pk=pk).update(**lease):
            return None
        row.refresh_from_db()
        return row


class Leased(models.Model):
    """The two columns of a lease."""

    LEASE: ClassVar[timedelta] = timedelta(seconds=60)

    lease_until = models.DateTimeField(default=LONG_AGO)
    fence = models.BigIntegerField(default=0)

    class Meta:
        abstract = True

    def renew(self, **changes: Any) -> None:
        """Hold on for another LEASE and write `changes`; LeaseLost if another has taken over."""
        self._write(lease_until=ClockNow() + self.LEASE, **changes)

    def let_go(self, **changes: Any) -> None:
        """Give the lease back at once, so that the next claim need not wait."""
        self._write(lease_until=LONG_AGO, **changes)

    def _write(self, **changes: Any) -> None:
        mine = type(self)._default_manager.filter(pk=self.pk, fence=self.fence)
        if not mine.update(**changes):
            raise LeaseLost(f"{self} is carried on by another process")
