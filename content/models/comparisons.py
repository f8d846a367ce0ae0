"""How far storage was compared with the table."""

from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.db.models import F
from django.db.models.functions import Now

from enigm_command.lib.clock import ClockNow, UtcDay
from servers.regions import Region


class ComparisonQuerySet(models.QuerySet["Comparison"]):
    def by_turns(self, region: str, days: Iterable[date]) -> list["Comparison"]:
        """One region's days, the one that waits longest first."""
        wanted = [self.model(region=region, expires_on=day) for day in days]
        self.bulk_create(wanted, ignore_conflicts=True)
        days = [each.expires_on for each in wanted]
        waiting = self.filter(region=region, expires_on__in=days)
        return list(waiting.order_by(F("ended_at").asc(nulls_first=True), "expires_on"))

    def forgettable(self) -> "ComparisonQuerySet":
        """Those of days that are over."""
        return self.filter(expires_on__lt=UtcDay(Now()))


class Comparison(models.Model):
    """One day of one region: `after` is the last name that was compared, if it broke off there."""

    pk = models.CompositePrimaryKey("region", "expires_on")
    region = models.CharField(max_length=8, choices=Region)
    expires_on = models.DateField()
    after = models.CharField(max_length=90, blank=True, default="")
    ended_at = models.DateTimeField(null=True)

    objects: ClassVar[ComparisonQuerySet] = ComparisonQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return f"{self.region} on {self.expires_on}"

    def reach(self, name: Any) -> None:
        """Everything up to this name was compared; None: the whole day, and next time anew."""
        self.after = "" if name is None else str(name)
        changes: dict[str, Any] = {"after": self.after}
        if name is None:
            changes["ended_at"] = ClockNow()
        type(self).objects.filter(pk=self.pk).update(**changes)
