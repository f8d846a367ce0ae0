"""Moments as markup: in words for people, and exactly for programs that read the page."""

from datetime import UTC, date, datetime
from functools import lru_cache

from django.utils import timezone
from django.utils.safestring import SafeString

from enigm_command.lib import wording
from enigm_command.lib.markup import filled


def moment(at: datetime | date | None, *, style: str = "minute") -> SafeString | str:
    """A moment in UTC, by style: minute, second, clock or date. A day is just a day."""
    if at is None:
        return ""
    if not isinstance(at, datetime):
        return _day(at)
    return _time(_machine_time(at), wording.utc(at, style))


def ago(at: datetime) -> SafeString:
    """A moment as its distance from now; the exact time is its title."""
    return filled(
        '<time datetime="{}" title="{}">{}</time>',
        _machine_time(at),
        wording.utc(at),
        wording.relative(at, timezone.now()),
    )


@lru_cache(maxsize=128)
def _day(on: date) -> SafeString:
    return _time(on.isoformat(), wording.day(on))


def _time(exactly: str, in_words: str) -> SafeString:
    """Both are made here of digits, letters and colons: there is nothing to escape."""
    return SafeString(f'<time datetime="{exactly}">{in_words}</time>')


def _machine_time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
