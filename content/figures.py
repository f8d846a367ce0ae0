"""The numbers of the overview. Intake keeps no counter: one row that every insert updates would
halve the rate at which a server can store. A day is counted again only when PostgreSQL's own
statistics say that its partition changed; most days never do.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Min, Sum
from django.db.models.functions import Now

from enigm_command.lib.models import SweepRun

from . import partitions
from .lifetimes import LONGEST
from .models import AgeReached, CountedDay, EncryptedObject, KindCount, ObjectCount, State
from .scope import Kind

RECOUNT = "content.recount"


@dataclass(frozen=True, slots=True)
class Figures:
    """What a server holds, as last counted; `as_of` None until it was counted once. `lost` is the
    number of objects whose bytes are missing: they are in none of the others."""

    objects: int
    bytes: int
    due_within_a_day: int
    oldest_received_at: datetime | None
    per_day: list[tuple[date, int]]
    lost: int
    as_of: datetime | None


def overview(server_id: UUID) -> Figures:
    """What lies in one server's storage, and on which coming days it goes."""
    counts = list(ObjectCount.objects.of(server_id))
    objects, octets = _sum(counts)
    return Figures(
        objects=objects,
        bytes=octets,
        due_within_a_day=_due_within_a_day(server_id),
        oldest_received_at=_oldest(server_id),
        per_day=_per_day(counts),
        lost=EncryptedObject.objects.filter(server_id=server_id, state=State.LOST).count(),
        as_of=as_of(),
    )


def by_kind(server_id: UUID) -> list[KindCount]:
    """One server's objects by kind, as last counted."""
    held: dict[str, list[ObjectCount]] = defaultdict(list)
    for count in ObjectCount.objects.of(server_id).order_by("kind"):
        held[count.kind].append(count)
    return [KindCount(kind, *_sum(counts)) for kind, counts in held.items()]


def per_day_by_kind(server_id: UUID) -> list[tuple[str, list[tuple[date, int]]]]:
    """What expires on each coming day, kind by kind, as last counted."""
    held: dict[str, list[ObjectCount]] = {kind: [] for kind in Kind}
    for count in ObjectCount.objects.of(server_id):
        held[count.kind].append(count)
    return [(str(Kind(kind).label), _per_day(counts)) for kind, counts in held.items()]


def as_of() -> datetime | None:
    """When the counting last came to its end."""
    return SweepRun.objects.filter(name=RECOUNT).values_list("ended_at", flat=True).first()


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
    there = EncryptedObject.objects.filter(expires_on=day).exclude(state=State.LOST)
    groups = there.values("server_id", "kind").annotate(
        objects_held=Count("id"), bytes_held=Sum("size"), oldest_at=Min("authored_at")
    )
    with transaction.atomic():
        CountedDay.objects.update_or_create(expires_on=day, defaults={"changes": changes})
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


def _sum(counts: list[ObjectCount]) -> tuple[int, int]:
    objects = sum(count.objects_held for count in counts)
    return objects, sum(count.bytes_held for count in counts)


def _per_day(counts: list[ObjectCount]) -> list[tuple[date, int]]:
    held = Counter[date]()
    for count in counts:
        held[count.expires_on] += count.objects_held
    today = partitions.utc_today()
    days = [today + timedelta(days=n) for n in range(LONGEST.days + 1)]
    return [(day, held[day]) for day in days]


def _due_within_a_day(server_id: UUID) -> int:
    """Counted now: it is at most two days' partitions."""
    today = partitions.utc_today()
    near = EncryptedObject.objects.filter(
        server_id=server_id, expires_on__range=(today, today + timedelta(days=1))
    )
    return near.filter(expires_at__range=(Now(), Now() + timedelta(days=1))).count()


def _oldest(server_id: UUID) -> datetime | None:
    arrivals = EncryptedObject.objects.filter(server_id=server_id).order_by("received_at")
    return arrivals.values_list("received_at", flat=True).first()
