"""Deletion orders: how long one takes to stand, and whether reads and uploads feel it."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import cycle, islice
from statistics import median
from time import monotonic, perf_counter, sleep
from typing import Any
from uuid import UUID, uuid4

from django.db import connection

from audit.authority import Authority
from benchmarks import filling
from benchmarks.measure import Figure, interleaved, medians, milliseconds
from content import listing
from content.actions import order_deletion
from content.models import DeletionOrder, EncryptedObject
from content.scope import ANYONE, EVERYTHING, Scope
from membership.access import Access

TIMES = 12  # orders in one round
CLIENTS, ORDERS = 8, 60
PAUSE = 0.05  # seconds between two orders
ALONE = "pg_advisory_xact_lock("  # of `Gate.objects.close`; those who store share it
NAMED = 3  # objects that are asked for by name after each order
COMMIT = "A deletion order, placed and committed"
BUSY = f"{CLIENTS} clients store on one server while {ORDERS} orders are placed"
AUTHOR, WHOLE = "of one author", "of the whole server"


def commits(servers: dict[int, Authority]) -> list[Figure]:
    """By the size of the server."""
    few, many = min(servers), max(servers)
    cases = {
        f"{which}, {size:,} objects": partial(_place_many, servers[size], which)
        for which in (AUTHOR, WHOLE)
        for size in (few, many)
    }
    times = medians(interleaved(cases))
    ratios = []
    for which in (AUTHOR, WHOLE):
        ratio = times[f"{which}, {many:,} objects"] / times[f"{which}, {few:,} objects"]
        ratios.append(Figure(COMMIT, f"{which}, {many:,} ÷ {few:,}", ratio, "", at_most=1.5))
    return [*(Figure(COMMIT, what, ms, "ms") for what, ms in times.items()), *ratios]


def _place_many(by: Authority, which: str) -> float:
    """The median of some; each is of an author that had none before."""
    scopes = [
        EVERYTHING if which == WHOLE else Scope(author=filling.author(number))
        for number in range(TIMES)
    ]
    took = median(milliseconds(partial(place, by, scope)) for scope in scopes)
    filling.lift(by)
    return took


def place(by: Authority, scope: Scope, previewed: int = 0) -> DeletionOrder:
    """As the page does it once the review was agreed to; what it counts is the review's."""
    server = by.warrant.server
    return order_deletion(server, scope, order_id=uuid4(), previewed=previewed, by=by)


# --- while others store ---------------------------------------------------------------------------
def while_storing() -> list[Figure]:
    """The longest that an order waited, and what was read afterwards though an order covers it."""
    by = filling.open_server()
    access = filling.admit_one(by)()
    gate, took, covered = _AtGate(), [], 0
    with _clients(by) as authors, connection.execute_wrapper(gate):
        stored, began = _received(by), monotonic()
        scopes = [*(Scope(author=author) for author in authors), Scope(kind="message"), EVERYTHING]
        for scope in islice(cycle(scopes), ORDERS):
            seen = listing.page(access, listing.Cursor()).objects[:NAMED]
            took.append(milliseconds(partial(place, by, scope)))
            covered += _served(access, scope, seen)
            sleep(PAUSE)
        rate = (_received(by) - stored) / (monotonic() - began)
    return [
        Figure(BUSY, "an order waits at the gate, median", median(gate.waits), "ms"),
        Figure(BUSY, "an order waits at the gate, the longest", max(gate.waits), "ms", at_most=100),
        Figure(BUSY, "an order, all of it, median", median(took), "ms"),
        Figure(BUSY, "an order, all of it, the longest", max(took), "ms"),
        Figure(BUSY, "covered objects in reads begun after its commit", covered, "", at_most=0),
        Figure(BUSY, "objects stored meanwhile", rate, "per second"),
    ]


class _AtGate:
    """Hears what is asked of the database, and notes how long orders wait to be alone."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def __call__(self, execute: Callable[..., Any], sql: str, *how: Any) -> Any:
        """Times one message: the one that ends when everyone who stores is through."""
        began = perf_counter()
        answer = execute(sql, *how)
        if ALONE in sql:
            self.waits.append((perf_counter() - began) * 1000)
        return answer


def _received(by: Authority) -> int:
    """Nothing is purged meanwhile."""
    return EncryptedObject.objects.filter(server_id=by.server_id).count()


def _served(access: Access, scope: Scope, seen: list[EncryptedObject]) -> int:
    """How much of what the newest order covers a device would get: by list, and by name."""
    order = DeletionOrder.objects.of(access.server.pk).latest("number")
    found = listing.page(access, listing.Cursor()).objects
    for listed in seen:
        mine = EncryptedObject.objects.available(access)
        found += mine.by_public_id(access.server.pk, listed.public_id)
    reached = [each for each in found if scope.author in (ANYONE, each.author)]
    of_kind = [each for each in reached if scope.kind in ("", each.kind)]
    return sum(each.effective_at <= order.cutoff_at for each in of_kind)


@contextmanager
def _clients(by: Authority) -> Iterator[list[UUID]]:
    """Processes that store objects until the end, each a member's; their handles."""
    names = [f"writer-{number}" for number in range(CLIENTS)]
    handles = [filling.admit_one(by, name)().handle for name in names]
    command = [sys.executable, "-m", "benchmarks.storing", by.warrant.server.locator]
    running = [
        subprocess.Popen([*command, name], stdout=subprocess.PIPE, text=True) for name in names
    ]
    try:
        for process in running:
            process.stdout.readline()  # it has stored its first
        yield handles
    finally:
        for process in running:
            process.terminate()
            process.communicate()
