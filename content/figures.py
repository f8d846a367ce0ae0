"""The numbers of the overview. Intake keeps no counter: one row that every insert updates would
halve the rate at which a server can store. A day is counted again only when PostgreSQL's own
statistics say that its partition changed; most days never do.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, Self
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Min, Sum

from enigm_command.lib.models import SweepRun

from . import partitions
from .lifetimes import LONGEST
from .models import AgeReached, CountedDay, EncryptedObject, KindCount, ObjectCount, State
from .room import Room

RECOUNT = "content.recount"
COUNTED = """
SELECT clock_timestamp(), ended_at, room_bytes, (
  SELECT json_agg(json_build_array(expires_on, kind, objects_held, bytes_held, oldest_at)
    ORDER BY expires_on, kind)
  FROM content_objectcount WHERE server_id = %(server)s
){more}
FROM content_gate LEFT JOIN lib_sweeprun ON name = %(recount)s
WHERE server_id = %(server)s
"""
DUE = """
SELECT count(*) FROM content_encryptedobject
WHERE server_id = %(server)s AND expires_on BETWEEN %(today)s AND %(tomorrow)s
  AND expires_at BETWEEN now() AND now() + interval '1 day'
"""
LOSSES = "SELECT sum(lost) FROM content_countedday"  # all servers': there should be none


class Held(NamedTuple):
    """How much of one kind lies in one day's partition."""

    expires_on: date
    kind: str
    objects: int
    bytes: int
    oldest_at: datetime

    @classmethod
    def told(cls, expires_on: str, kind: str, objects: int, bytes: int, oldest_at: str) -> Self:
        """As COUNTED says it, in one value: sixty rows of their own take three times as long."""
        day, oldest = date.fromisoformat(expires_on), datetime.fromisoformat(oldest_at)
        return cls(day, kind, objects, bytes, oldest)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a server holds, as last counted; `as_of` None until it was counted once.

    `due_within_a_day` and `lost` are looked up `at` this very moment, where they are asked for.
    `lost` is the number of objects whose bytes are missing: they are in none of the others. It is
    none as long as the last count found none anywhere.
    """

    at: datetime
    as_of: datetime | None
    room_bytes: int | None
    held: list[Held]
    due_within_a_day: int = 0
    lost: int = 0

    @property
    def objects(self) -> int:
        return sum(each.objects for each in self.held)

    @property
    def bytes(self) -> int:
        return sum(each.bytes for each in self.held)

    @property
    def oldest_at(self) -> datetime | None:
        """When the oldest of all was written; None when there is none."""
        return min((each.oldest_at for each in self.held), default=None)

    @property
    def room(self) -> Room:
        """How much of what it may hold is taken."""
        return Room(self.bytes, self.room_bytes)

    @property
    def kinds(self) -> list[KindCount]:
        """How much of each kind there is."""
        return [
            KindCount(kind, each.objects, each.bytes)
            for kind in sorted({each.kind for each in self.held})
            for each in [self.of_kind(kind)]
        ]

    @property
    def per_day(self) -> list[tuple[date, int]]:
        """How many objects go on each coming day."""
        held = Counter[date]()
        for each in self.held:
            held[each.expires_on] += each.objects
        today = partitions.utc_day(self.at)
        days = [today + timedelta(days=n) for n in range(LONGEST.days + 1)]
        return [(day, held[day]) for day in days]

    def of_kind(self, kind: str) -> "Figures":
        """What of it is of one kind."""
        held = [each for each in self.held if each.kind == kind]
        return Figures(self.at, self.as_of, self.room_bytes, held)


def counted(server_id: UUID) -> Figures:
    """What lies in one server's storage."""
    stored, _ = ask(server_id)
    return stored


def overview(server_id: UUID, at: datetime) -> Figures:
    """The same, and what goes within a day of `at`."""
    today = partitions.utc_day(at)  # counted now: it is at most two days' partitions
    stored, (due,) = ask(server_id, DUE, today=today, tomorrow=today + timedelta(days=1))
    return replace(stored, due_within_a_day=due)


def with_losses(server_id: UUID) -> Figures:
    """The same, and what cannot be fetched any more."""
    stored, (losses,) = ask(server_id, LOSSES)
    return replace(stored, lost=_lost(server_id)) if losses else stored


def ask(server_id: UUID, *more: str, **said: Any) -> tuple[Figures, Sequence[Any]]:
    """What was counted, and the values that `more` questions in SQL find."""
    query = COUNTED.format(more="".join(f", ({one})" for one in more))
    with connection.cursor() as cursor:
        cursor.execute(query, {"server": server_id, "recount": RECOUNT, **said})
        at, as_of, room_bytes, held, *found = cursor.fetchone()
    held = [Held.told(*each) for each in held or []]
    return Figures(at, as_of, room_bytes, held), found


def _lost(server_id: UUID) -> int:
    """Among all days, which takes PostgreSQL as long to plan as the rest of a page."""
    return EncryptedObject.objects.filter(server_id=server_id, state=State.LOST).count()


def recount_changed(run: SweepRun) -> list[date]:
    """Count every day again that has changed since it was counted."""
    seen = dict(CountedDay.objects.values_list("expires_on", "changes"))
    changes = _changes()
    changed = [day for day in changes if changes[day] != seen.get(day)]
    for day in changed:
        run.renew()
        _recount(day, changes[day])
    return changed


def note_ages(day: date) -> None:
    """Say how old became what lies in the partition of a day that is about to be dropped."""
    AgeReached.objects.note(ObjectCount.objects.filter(expires_on=day))


def _recount(day: date, changes: int) -> None:
    that_day = EncryptedObject.objects.filter(expires_on=day)
    noted = {"changes": changes, "lost": that_day.filter(state=State.LOST).count()}
    groups = (
        that_day.exclude(state=State.LOST)
        .values("server_id", "kind")
        .annotate(objects_held=Count("id"), bytes_held=Sum("size"), oldest_at=Min("authored_at"))
    )
    with transaction.atomic():
        CountedDay.objects.update_or_create(expires_on=day, defaults=noted)
        ObjectCount.objects.replace(day, groups)


def _changes() -> dict[date, int]:
    """Read before counting: what changes meanwhile differs again next time."""
    names = {partitions.name_of(day): day for day in partitions.days()}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables"
            " WHERE relname = ANY(%s)",
            [list(names)],
        )
        return {names[name]: changes for name, changes in cursor.fetchall()}
