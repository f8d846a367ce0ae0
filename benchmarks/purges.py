"""Purges: beside what a Django project would do, and for as much memory as small ones need."""

import os
import sys
from functools import partial
from itertools import count
from time import perf_counter
from uuid import UUID

from audit.authority import Authority
from benchmarks import filling, plain
from benchmarks.filling import Stock
from benchmarks.measure import ROUNDS, Figure, interleaved, medians, milliseconds, program
from benchmarks.orders import place
from content import purge
from content.models import DeletionOrder, EncryptedObject, Receipt
from content.scope import EVERYTHING, Scope

RATES = "A purge, from its start to its receipt"
FEW = "Everything of one author, {rows:,} of {all:,}"
USER = "Everything of one user: 5,000 objects and 200 files, among {all:,}"
FILES = "Files, after they have reached the disk"
OURS, THEIRS, RAW = "ours", "Django's delete() with a signal", "one plain DELETE"
WHOLE, KIND, MEMBER = "whole server", "one kind", "one user"
HERS = UUID("00000000-0000-4000-a000-000000000001")
APART, BODY = 2000, 20_000  # files, and the bytes of each
SHARE = 5  # what one kind is of the whole, and one user of the rest
SMALL = 5000  # objects of the purge whose memory is compared with


def carry(order: DeletionOrder) -> float:
    """Purge to the end, in slices as a worker does; the seconds that it took."""
    began = perf_counter()
    while not DeletionOrder.objects.filter(pk=order.pk, finished_at__isnull=False).exists():
        purge.advance(order.pk)
    return perf_counter() - began


# --- how fast -------------------------------------------------------------------------------------
def rates(objects: int) -> list[Figure]:
    """Rows per second, and the memory of the process that purges."""
    found: dict[str, list[float]] = {WHOLE: [], KIND: [], MEMBER: [], THEIRS: []}
    memory = [_purged(filling.make_filled(SMALL), EVERYTHING)[1]]
    for _ in range(ROUNDS):
        by = filling.make_filled(objects)
        filling.fill(by.server_id, Stock(objects // SHARE, HERS))
        filling.analyse()
        found[THEIRS].append(plain.rate(objects))
        found[KIND].append(_purged(by, Scope(kind="media"))[0])
        found[MEMBER].append(_purged(by, Scope(author=HERS))[0])
        rate, megabytes = _purged(by, EVERYTHING)
        found[WHOLE].append(rate)
        memory.append(megabytes)
    return [*_rates(medians(found), objects), *_memory(memory, objects)]


def _purged(by: Authority, scope: Scope) -> tuple[float, float]:
    """Rows per second and megabytes of a process that does nothing else."""
    order = place(by, scope)
    ended = program(sys.executable, "-m", "benchmarks.purging", str(order.pk))
    order.refresh_from_db()
    return order.purged / float(ended.output), ended.megabytes


def _rates(rates: dict[str, float], objects: int) -> list[Figure]:
    rows = [
        Figure(RATES, f"{what}, of {objects:,}", rate, "rows/s") for what, rate in rates.items()
    ]
    for what, least in ((WHOLE, 8), (KIND, 2.5), (MEMBER, 2.5)):
        ratio = rates[what] / rates[THEIRS]
        rows.append(Figure(RATES, f"({what}) ÷ {THEIRS}", ratio, "", at_least=least))
    return rows


def _memory(megabytes: list[float], objects: int) -> list[Figure]:
    small, large = megabytes[0], max(megabytes[1:])
    return [
        Figure(RATES, f"memory of the worker, {SMALL:,}", small, "MB"),
        Figure(RATES, f"memory of the worker, {objects:,}", large, "MB"),
        Figure(RATES, f"memory, {objects:,} ÷ {SMALL:,}", large / small, "", at_most=1.2),
    ]


# --- one author -----------------------------------------------------------------------------------
def of_authors(by: Authority, objects: int) -> list[Figure]:
    """The content of one author among many, beside the same rows in one plain table."""
    plain.fill(by.server_id)
    left = (filling.sender(n, objects) for n in count())  # each is deleted once
    cases = {
        OURS: lambda: carry(place(by, Scope(author=next(left)))) * 1000,
        THEIRS: lambda: milliseconds(partial(plain.delete_author, next(left))),
        RAW: lambda: milliseconds(partial(plain.raw_delete_author, next(left))),
    }
    times = medians(interleaved(cases))
    section = FEW.format(rows=objects // filling.senders(objects), all=objects)
    ratio = times[OURS] / times[THEIRS]
    return [
        *(Figure(section, what, ms, "ms") for what, ms in times.items()),
        Figure(section, f"{OURS} ÷ {THEIRS}", ratio, "", at_most=5),
    ]


def of_a_user(by: Authority, objects: int) -> list[Figure]:
    """Unavailable at commit, gone within a minute, and a receipt that says exactly that."""
    filling.fill(by.server_id, Stock(4800, HERS))
    filling.fill(by.server_id, Stock(200, HERS, size=BODY))
    files = filling.put_apart(by.server_id, BODY)
    hers = EncryptedObject.objects.filter(server_id=by.server_id, author=HERS)
    before = EncryptedObject.objects.filter(server_id=by.server_id).count()
    order = place(by, Scope(author=HERS), previewed=5000)
    access = filling.admit_one(by, "reader")()
    readable = EncryptedObject.objects.available(access).filter(author=HERS).count()
    seconds = carry(order)
    after = EncryptedObject.objects.filter(server_id=by.server_id).count()
    left = hers.count() + sum(path.exists() for path in files)
    removed = Receipt.objects.get(order_id=order.pk).said["removed"]["objects"]
    section = USER.format(all=objects)
    return [
        Figure(section, "readable after the commit", readable, "", at_most=0),
        Figure(section, "physically gone", seconds, "s", at_most=60),
        Figure(section, "rows and files left", left, "", at_most=0),
        Figure(section, "other rows gone", before - after - 5000, "", at_most=0, at_least=0),
        Figure(section, "removed, by the receipt", removed, "", at_most=5000, at_least=5000),
    ]


# --- files ----------------------------------------------------------------------------------------
def of_files() -> list[Figure]:
    """Objects whose bodies lie apart, beside the bare removal of the same files."""
    rates = medians(interleaved({"a purge": _purge_files, "os.unlink": _unlink_files}))
    ratio = rates["a purge"] / rates["os.unlink"]
    return [
        *(Figure(FILES, what, rate, "per second") for what, rate in rates.items()),
        Figure(FILES, "a purge ÷ os.unlink", ratio, "", at_least=0.6),
    ]


def _purge_files() -> float:
    by = _with_files()
    filling.put_apart(by.server_id, BODY)
    return APART / carry(place(by, EVERYTHING))


def _unlink_files() -> float:
    by = _with_files()
    paths = filling.put_apart(by.server_id, BODY)
    seconds = milliseconds(lambda: [os.unlink(path) for path in paths]) / 1000
    carry(place(by, EVERYTHING))
    return APART / seconds


def _with_files() -> Authority:
    by = filling.open_server()
    filling.fill(by.server_id, Stock(APART, size=BODY))
    return by
