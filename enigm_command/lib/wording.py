"""How numbers, sizes and times are written: the same on every page, in notices and in receipts."""

from datetime import UTC, date, datetime, timedelta

UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB")
MOMENTS = {
    "minute": "{day}, {at:%H:%M} UTC",
    "second": "{day}, {at:%H:%M:%S} UTC",
    "clock": "{at:%H:%M:%S} UTC",
    "date": "{day}",
}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
STEPS = (
    (timedelta(days=1), "day"),
    (timedelta(hours=1), "hour"),
    (timedelta(minutes=1), "minute"),
)


def grouped(number: int) -> str:
    """A number in groups of three: `4,318`."""
    return f"{number:,}"


def counted(number: int, noun: str) -> str:
    """A number with its noun: `1 object`, `4,318 objects`. An irregular plural follows a comma:
    `person,people`."""
    one, _, many = noun.partition(",")
    return f"{grouped(number)} {one if number == 1 else many or f'{one}s'}"


def size(octets: int) -> str:
    """A number of bytes in decimal units and about three digits: `18.4 MB`."""
    value, rank = float(octets), 0
    while round(value) >= 1000 and rank < len(UNITS) - 1:
        value, rank = value / 1000, rank + 1
    if rank == 0:
        return counted(octets, "byte")
    return f"{value:,.{1 if value < 99.95 else 0}f} {UNITS[rank]}"


def binary_size(octets: int) -> str:
    """A limit in the largest binary unit in which it is a whole number: `64 MiB`."""
    for rank, unit in ((30, "GiB"), (20, "MiB"), (10, "KiB")):
        if octets and not octets % 2**rank:
            return f"{octets >> rank:,} {unit}"
    return counted(octets, "byte")


def utc(at: datetime, style: str = "minute") -> str:
    """A moment as UTC, by style: minute, second, clock (time of day only) or date."""
    at = at.astimezone(UTC)
    return MOMENTS[style].format(day=day(at), at=at)


def day(on: date) -> str:
    """A day: `22 Nov 2026`."""
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"


def relative(at: datetime, now: datetime) -> str:
    """How far a moment is from now, in its largest unit: `2 days ago`, `in 3 hours`."""
    distance = abs(now - at)
    for step, noun in STEPS:
        if distance >= step:
            words = counted(distance // step, noun)
            return f"in {words}" if at > now else f"{words} ago"
    return "in less than a minute" if at > now else "just now"


def age(length: timedelta | None) -> str:
    """A length of time roughly, in whole ones of its largest unit: `2 days`; `none` without one."""
    if length is None:
        return "none"
    step, noun = next((each for each in STEPS if length >= each[0]), STEPS[-1])
    return counted(length // step, noun)


def span(length: timedelta) -> str:
    """A length of time in its largest whole unit: `30 days`, `12 hours`."""
    for step, noun in STEPS:
        if length >= step and not length % step:
            return counted(length // step, noun)
    return counted(int(length.total_seconds()), "second")
