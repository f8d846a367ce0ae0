"""A page of 50 objects, whatever was ordered of the server before."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from statistics import median

from audit.authority import Authority
from benchmarks import filling
from benchmarks.measure import Figure, interleaved, medians, milliseconds
from content import listing
from content.models import Cutoff, EncryptedObject, Gate, Withholding
from enigm_command.lib import clock
from membership.access import Access

TIMES = 10  # in one round
SECTION = "A list of 50"
NONE, PURGED, DELETED = "no orders", "1,000 orders, all purged", "half of the authors deleted"
EVERYONE, FLOOR = "every author deleted singly, nothing purged", "the whole server deleted"
WITHHELD, FRESH = "1,000 members withheld", "no orders, no statistics yet"
AT_MOST = 100  # ms
RATIOS = {PURGED: 1.5, FLOOR: 2, WITHHELD: 1.5}

Prepare = Callable[[Authority], None]


def fresh(by: Authority) -> list[Figure]:
    """A page of partitions that were filled just now and that PostgreSQL knows nothing of."""
    access = filling.admit_one(by, "early")()
    return [Figure(SECTION, FRESH, _time(by, access, _nothing), "ms", at_most=AT_MOST)]


def figures(by: Authority) -> list[Figure]:
    """The first page, side by side."""
    access = filling.admit_one(by)()
    times = medians(
        interleaved({what: partial(_time, by, access, make) for what, make in CASES.items()})
    )
    rows = [
        Figure(SECTION, what, ms, "ms", at_most=AT_MOST if what == EVERYONE else None)
        for what, ms in times.items()
    ]
    ratios = [
        Figure(SECTION, f"({what}) ÷ ({NONE})", times[what] / times[NONE], "", at_most=most)
        for what, most in RATIOS.items()
    ]
    return [*rows, *ratios, _to_the_end(by, access)]


def _to_the_end(by: Authority, access: Access) -> Figure:
    with _under(by, _everyone):
        seconds = milliseconds(lambda: _walk(access)) / 1000
    objects = EncryptedObject.objects.filter(server_id=by.server_id).count()
    return Figure(SECTION, f"{EVERYONE}: all pages of {objects:,}", seconds, "s")


def _walk(access: Access) -> None:
    page = listing.page(access, listing.Cursor())
    while page.more:
        page = listing.page(access, listing.Cursor.parse(page.after))
    if page.objects:
        raise RuntimeError("what was deleted is listed")


def _time(by: Authority, access: Access, prepare: Prepare) -> float:
    with _under(by, prepare):
        first = partial(listing.page, access, listing.Cursor())
        return median(milliseconds(first) for _ in range(TIMES))


@contextmanager
def _under(by: Authority, prepare: Prepare) -> Iterator[None]:
    with filling.excused():
        prepare(by)
    yield
    filling.lift(by)


# --- what was ordered before ----------------------------------------------------------------------
def _nothing(by: Authority) -> None:
    """Nothing."""


def _deleted(by: Authority, authors: int, cutoff_at: datetime) -> None:
    Cutoff.objects.bulk_create(
        Cutoff(server_id=by.server_id, author=filling.author(number), cutoff_at=cutoff_at)
        for number in range(authors)
    )


def _purged(by: Authority) -> None:
    oldest = EncryptedObject.objects.filter(server_id=by.server_id).order_by("received_at")[0]
    _deleted(by, 1000, oldest.authored_at)


def _half(by: Authority) -> None:
    _deleted(by, filling.AUTHORS // 2, clock.now())


def _everyone(by: Authority) -> None:
    _deleted(by, filling.AUTHORS, clock.now())


def _all_at_once(by: Authority) -> None:
    Gate.objects.filter(pk=by.server_id).update(floor=clock.now())


def _withheld(by: Authority) -> None:
    Withholding.objects.bulk_create(
        Withholding(server_id=by.server_id, author=filling.author(number), number=number + 1)
        for number in range(1000)
    )


CASES: dict[str, Prepare] = {
    NONE: _nothing,
    PURGED: _purged,
    DELETED: _half,
    EVERYONE: _everyone,
    FLOOR: _all_at_once,
    WITHHELD: _withheld,
}
