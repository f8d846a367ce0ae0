"""How far long work has come, in the same words on every page that waits for some.

A number is said only if it was measured. How fast the work is takes two looks at its own counter:
the first travels in the address of the page, and until the counter has moved since, nothing is
said of speed or of the time that is left. Whether anybody works at all is read from leases and
from the rows of sweeps: each is written by a worker's own hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self, TypeVar
from urllib.parse import urlencode

from django.db.models import F, QuerySet, Subquery
from django.db.models.functions import Greatest

from .clock import LONG_AGO, ClockNow
from .models import SweepRun
from .wording import age, counted

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
QUIET = timedelta(minutes=5)  # every minute a sweep is heard, if any worker runs
LONGEST = timedelta(days=1)  # between the two looks at a counter

Rows = TypeVar("Rows", bound=QuerySet[Any])


@dataclass(frozen=True, slots=True)
class Mark:
    """One look at a counter."""

    done: int
    at: datetime

    @classmethod
    def carried_by(cls, address: Mapping[str, Any]) -> Self | None:
        """The look that the page was opened with; None when it is the first, or no look at all."""
        said = [str(address.get(name, "")) for name in ("done", "at")]
        if not all(text.isascii() and text.isdecimal() and len(text) <= 13 for text in said):
            return None
        return cls(int(said[0]), datetime.fromtimestamp(int(said[1]) / 1000, UTC))

    @property
    def query(self) -> str:
        """The same for an address."""
        return urlencode({"done": self.done, "at": int(self.at.timestamp() * 1000)})


@dataclass(frozen=True, slots=True)
class Told:
    """What a page shows of long work, and what it answers to the script that asks again."""

    done: int
    total: int
    text: str
    pace: str = ""
    worker: str = ""
    finished: bool = False


def watched(rows: Rows) -> Rows:
    """With the database's clock, and with when any worker was last heard."""
    ran = SweepRun.objects.filter(began_at__isnull=False)
    signs = ran.annotate(sign=Greatest("began_at", "ended_at", F("lease_until") - SweepRun.LEASE))
    last = Subquery(signs.order_by("-sign").values("sign")[:1])
    return rows.annotate(seen_at=ClockNow(), workers_heard_at=last)


def pace(since: Mark | None, now: Mark, total: int, noun: str) -> str:
    """How fast, and how long still; nothing unless the counter moved between two looks."""
    if since is None or since.done >= now.done or not SECOND <= now.at - since.at <= LONGEST:
        return ""
    rate = (now.done - since.done) / (now.at - since.at).total_seconds()
    left = max(0, total - now.done) / rate
    words = [
        _rate(rate, noun),
        *([_left(left)] if left and timedelta(seconds=left) < LONGEST else []),
    ]
    return f"Measured since you opened this page: {', '.join(words)}."


def worker(row: Any, meanwhile: str) -> str:
    """Whether anybody is at the work on a watched row, and what holds `meanwhile` if nobody is."""
    if getattr(row, "lease_until", LONG_AGO) > row.seen_at:
        return "It is being worked on now."
    heard_at: datetime | None = row.workers_heard_at
    if heard_at and row.seen_at - heard_at < QUIET:
        return "It is next in line, and begins by itself."
    since = f"for {age(row.seen_at - heard_at)}" if heard_at else "yet"
    return (
        f"No worker has been heard {since}. {meanwhile}"
        " The work goes on by itself as soon as one is back."
    )


def _rate(rate: float, noun: str) -> str:
    if rate >= 1:
        return f"{counted(round(rate), noun)} a second"
    return f"{counted(max(1, round(60 * rate)), noun)} a minute"


def _left(seconds: float) -> str:
    if seconds <= 0:
        return ""
    left = timedelta(seconds=seconds)
    return "less than a minute left" if left < MINUTE else f"about {age(left)} left"
