"""What was counted in the partitions, for pages that must not count themselves."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, ClassVar, Self
from uuid import UUID

from django.db import connection, models
from django.db.models import Sum
from django.db.models.functions import Now

from content.lifetimes import LONGEST
from content.scope import Kind
from enigm_command.lib.clock import UtcDay

KEPT = LONGEST + timedelta(days=1)

RAISE = """
INSERT INTO content_agereached (server_id, day, age)
SELECT server_id, (now() AT TIME ZONE 'UTC')::date, max(now() - oldest_at)
FROM unnest(%s::uuid[], %s::timestamptz[]) AS gone (server_id, oldest_at) GROUP BY server_id
ON CONFLICT (server_id, day) DO UPDATE SET age = greatest(content_agereached.age, excluded.age)
"""


class CountedDayQuerySet(models.QuerySet["CountedDay"]):
    def forgettable(self) -> "CountedDayQuerySet":
        """Those of days that are over: their partition is gone or about to go."""
        return self.filter(expires_on__lt=UtcDay(Now()))


class CountedDay(models.Model):
    """What PostgreSQL's own change counter of a partition said when it was last counted.

    `lost` is how many objects of it, whichever server's, were without their bytes.
    """

    expires_on = models.DateField(primary_key=True)
    changes = models.BigIntegerField()
    lost = models.BigIntegerField(default=0)

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
        """Put a day's new counts in the place of its old ones. What was the oldest of its group
        and is there no more, has come to its age."""
        before, now = list(self.filter(expires_on=day)), [self._new(day, each) for each in counts]
        AgeReached.objects.note(_gone(before, now))
        self.filter(expires_on=day).delete()
        ObjectCount.objects.bulk_create(now)

    def _new(self, day: date, count: Mapping[str, Any]) -> "ObjectCount":
        return self.model(expires_on=day, **count)


class ObjectCount(models.Model):
    """How much of one server lies in one day's partition, as last counted."""

    pk = models.CompositePrimaryKey("server_id", "expires_on", "kind")
    server_id = models.UUIDField()
    expires_on = models.DateField()
    kind = models.CharField(max_length=8, choices=Kind)
    objects_held = models.BigIntegerField()
    bytes_held = models.BigIntegerField()
    oldest_at = models.DateTimeField()

    objects: ClassVar[ObjectCountQuerySet] = ObjectCountQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return f"{self.objects_held} on {self.expires_on}"


class AgeReachedQuerySet(models.QuerySet["AgeReached"]):
    def of(self, server_id: UUID) -> Self:
        """One server's ages."""
        return self.filter(server_id=server_id)

    def forgettable(self) -> Self:
        """Those of days that no page looks back to."""
        return self.filter(day__lt=UtcDay(Now() - KEPT))

    def note(self, gone: Iterable[ObjectCount]) -> None:
        """The oldest of these groups came to their age just now; each server keeps its greatest
        of a day."""
        groups = [(each.server_id, each.oldest_at) for each in gone]
        with connection.cursor() as cursor:
            cursor.execute(RAISE, [[of for of, _ in groups], [at for _, at in groups]])


class AgeReached(models.Model):
    """The greatest age, from its writing, at which anything of a server was gone on one day."""

    pk = models.CompositePrimaryKey("server_id", "day")
    server_id = models.UUIDField()
    day = models.DateField()
    age = models.DurationField()

    objects: ClassVar[AgeReachedQuerySet] = AgeReachedQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return f"{self.age} on {self.day}"


def _gone(before: Iterable[ObjectCount], now: Iterable[ObjectCount]) -> list[ObjectCount]:
    """The groups whose oldest object is not there any more."""
    still = {each.pk: each.oldest_at for each in now}
    return [each for each in before if each.pk not in still or still[each.pk] > each.oldest_at]
