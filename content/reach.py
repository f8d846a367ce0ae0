"""How far an order has come among the devices. Sums alone: never which device, or whose."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from enigm_command.lib.wording import counted

from .lifetimes import LONGEST
from .models import DeletionOrder, Device

WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Late:
    """Devices that have not said they are done, and last asked in the same week."""

    week: date  # its Monday
    weeks_ago: int
    devices: int

    def __str__(self) -> str:
        since = {0: "seen this week, not done yet", 1: "not seen this week"}
        words = since.get(self.weeks_ago, f"not seen for {counted(self.weeks_ago, 'week')}")
        return f"{counted(self.devices, 'device')} {words}"


@dataclass(frozen=True, slots=True)
class Reach:
    """Of the devices that are known, how many have said that they did what was ordered.

    What the order covers was written before its cutoff: by `copies_end_on` every copy of it is over
    on devices too, whether they heard of it or not.
    """

    known: int
    applied: int
    late: list[Late]
    copies_end_on: date

    def as_document(self) -> dict[str, Any]:
        """The same as it stands in a receipt."""
        late = [
            {"last_seen_in_week_of": each.week.isoformat(), "devices": each.devices}
            for each in self.late
        ]
        counts = {"known": self.known, "applied": self.applied, "not_applied": late}
        return counts | {"copies_expire_by": self.copies_end_on.isoformat()}


def of(order: DeletionOrder, at: datetime) -> Reach:
    """As of this moment. A device that nobody hears of for 30 days is known no more."""
    weeks = Device.objects.of(order.server_id).by_week(order.number)
    known, late = sum(devices for _, devices, _ in weeks), list(_late(weeks, at))
    copies_end_on = order.expires_on or (order.cutoff_at + LONGEST).date()
    return Reach(known, known - sum(each.devices for each in late), late, copies_end_on)


def applied_by(server_id: UUID, numbers: Iterable[int]) -> tuple[int, dict[int, int]]:
    """How many devices a server knows, and how many of them have come to each of these numbers."""
    at = Counter[int](Device.objects.of(server_id).by_number())
    come = {number: sum(at[there] for there in at if there >= number) for number in numbers}
    return at.total(), come


def _late(weeks: list[tuple[date, int, int]], at: datetime) -> Iterator[Late]:
    today = at.date()
    monday = today - timedelta(days=today.weekday())
    for week, _, behind in weeks:
        if behind:
            yield Late(week, (monday - week) // WEEK, behind)
