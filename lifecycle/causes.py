"""Why a server stands as it does, as its administrators read it: every open record, not the gravest
alone, with who placed it, on what grounds, and when it comes to its next step."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Value

from lifecycle.models import Party, Restriction, Retirement, ServerDeletion, Suspension
from lifecycle.models.restraints import Restraint
from membership.access import STANDINGS, Purpose
from servers.models import Server, Standing

PURPOSES = {  # in the order of the columns
    Purpose.READ: "Read",
    Purpose.STORE: "Send",
    Purpose.LEAVE: "Leave, delete one’s own",
    Purpose.FEED: "Hear of deletions",
}

Record = ServerDeletion | Suspension | Retirement | Restriction
RESTRAINTS: tuple[type[Suspension | Restriction], ...] = (Suspension, Restriction)


@dataclass(frozen=True, slots=True)
class Cause:
    """One open record in words."""

    heading: str
    party: str
    since: datetime
    why: str = ""
    next_step: str = ""
    next_at: datetime | None = None

    @property
    def by(self) -> str:
        """Whose it is, and so who lifts it."""
        return str(Party(self.party).label).capitalize()


def open_records(server: Server) -> list[Record]:
    """What is open about this server, the gravest first."""
    ends = ServerDeletion.objects.open() if server.is_deleting else ServerDeletion.objects.none()
    restraints, retirements = _restraints(server), Retirement.objects.open()
    return [
        *ends.filter(server=server),
        *(each for each in restraints if isinstance(each, Suspension)),
        *retirements.filter(server=server),
        *(each for each in restraints if isinstance(each, Restriction)),
    ]


def cause_of(record: Record) -> Cause:
    """One of them in words."""
    if isinstance(record, ServerDeletion):
        return _deletion(record)
    if isinstance(record, Retirement):
        return _retirement(record)
    heading = "Suspended" if isinstance(record, Suspension) else "Restricted"
    return _restraint(heading, record)


def effects() -> Iterator[tuple[Standing, list[bool]]]:
    """What each standing lets members do: a row for each, in the order of PURPOSES."""
    for standing in Standing:
        yield standing, [purpose in STANDINGS[standing] for purpose in PURPOSES]


def _restraints(server: Server) -> list[Restraint]:
    """Both kinds have the same columns: one question finds them."""
    columns = [field.attname for field in Suspension._meta.concrete_fields]
    first, second = (
        kind.objects.open()
        .filter(server=server)
        .annotate(kind=Value(number))
        .values_list("kind", *columns)
        for number, kind in enumerate(RESTRAINTS)
    )
    found = first.union(second, all=True).order_by("kind")
    return [RESTRAINTS[number].from_db(None, columns, values) for number, *values in found]


def _restraint(heading: str, record: Restraint) -> Cause:
    why = record.reason_label or record.reason or ""
    return Cause(heading, record.party, record.placed_at, str(why))


def _retirement(record: Retirement) -> Cause:
    began = record.has_begun
    return Cause(
        "Retiring" if began else "To be retired",
        record.party,
        record.placed_at,
        record.reason_label,
        "Runs dry and deletes itself" if began else "Retires",
        record.dry_at or record.begins_at,
    )


def _deletion(record: ServerDeletion) -> Cause:
    return Cause(
        "Being deleted",
        record.party,
        record.ordered_at,
        record.reason_label,
        "Waits for a second administrator" if record.waits_for_second else "Is destroyed",
        None if record.waits_for_second else record.due_at,
    )
