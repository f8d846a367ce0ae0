"""Is what must go gone? What the retention page and the app are told of one server, as measured.

What must never happen: a promise is repeated here that nobody looked up. What prevents it: every
number is read from what lies in storage, from what was counted there, or from the row that a sweep
writes when it has ended; none is computed from what should be.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection

from . import figures, partitions
from .figures import Figures
from .lifetimes import LONGEST, SWEPT_EVERY

EXPIRE = "content.expire"
SWEPT = "SELECT ended_at FROM lib_sweeprun WHERE name = %(sweep)s"
DAYS = f"SELECT {partitions.NAMES}"
WORST = """
SELECT max(age) FROM content_agereached
WHERE server_id = %(server)s AND day >= ((now() - %(longest)s) AT TIME ZONE 'UTC')::date
"""
PAST_DUE = """
SELECT count(*) FROM content_encryptedobject
WHERE server_id = %s AND expires_at < %s AND expires_on <= %s
"""
OVERDUE = 2 * SWEPT_EVERY + timedelta(minutes=3)  # later than this, the sweep is called late


@dataclass(frozen=True, slots=True)
class Retention:
    """How one server keeps its limit at this moment.

    Ages are counted from the writing of an object, to the minute; None when there was nothing.
    `past_due` are objects still in storage longer after their time than the sweep may take: there
    must be none. Days are those that have a partition, whichever server's objects lie in it.
    """

    stored: Figures
    oldest_age: timedelta | None
    worst_age: timedelta | None
    past_due: int
    swept_at: datetime | None
    days: list[date]

    @property
    def at(self) -> datetime:
        return self.stored.at

    @property
    def objects(self) -> int:
        return self.stored.objects

    @property
    def counted_at(self) -> datetime | None:
        return self.stored.as_of

    @property
    def next_sweep_at(self) -> datetime:
        """When the sweep is due: now, if it has not run when it should have."""
        return max(self.swept_at + SWEPT_EVERY, self.at) if self.swept_at else self.at

    @property
    def is_late(self) -> bool:
        """Has the sweep not ended for longer than it may take, or never?"""
        return self.swept_at is None or self.swept_at < self.at - OVERDUE

    @property
    def past_days(self) -> list[date]:
        """Days that are over and whose storage is not given back yet. Nothing of them is served."""
        today = partitions.utc_day(self.at)
        return [day for day in self.days if day < today]

    @property
    def is_kept(self) -> bool:
        """Is nothing there that should be gone, and is somebody seeing to it?"""
        return not self.is_late and not self.past_due


def measured(server_id: UUID) -> Retention:
    """What lies in one server's storage, how old it is, and when the sweep was last there."""
    said = {"sweep": EXPIRE, "longest": LONGEST}
    stored, (swept_at, worst, days) = figures.ask(server_id, SWEPT, WORST, DAYS, **said)
    oldest = stored.at - stored.oldest_at if stored.oldest_at else None
    return Retention(
        stored=stored,
        oldest_age=oldest,
        worst_age=max(filter(None, [oldest, worst]), default=None),
        past_due=_past_due(server_id, stored.at),
        swept_at=swept_at,
        days=partitions.days_of(days),
    )


def _past_due(server_id: UUID, now: datetime) -> int:
    """By the index of what expires, in the few partitions that can hold any of it."""
    limit = now - OVERDUE
    with connection.cursor() as cursor:
        cursor.execute(PAST_DUE, [server_id, limit, partitions.utc_day(limit)])
        return int(cursor.fetchone()[0])
