"""The audit log: how fast it grows, proves, exports and is checked, and what a page of it costs."""

import random
import threading
import time
from argparse import Namespace
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from statistics import median
from typing import Any
from uuid import UUID, uuid4

import psycopg
from django.db import connection
from psycopg.types.json import Jsonb

from audit import private, proofs, tree
from audit.models import AuditEvent, AuditStream
from audit.vocabulary import Action, Capacity
from benchmarks import exports, loading, overhead, pages, preparing
from benchmarks.measure import Figure, interleaved, medians, milliseconds
from enigm_command.lib import vault

WRITERS = (1, 4, 16)
STREAMS = 1000
SECONDS = 1.5
PROOFS = 100
SHORT, MIDDLE = 1000, 100_000


def run(asked: Namespace) -> list[Figure]:
    """Every figure; the longest log has `asked.entries`."""
    entries = asked.entries
    figures = [*appends(), *overhead.figures()]
    logs = {size: _log(size) for size in sorted({SHORT, min(MIDDLE, entries), entries})}
    long = {size: server for size, server in logs.items() if size > SHORT}
    figures += proving({size: server.server_id for size, server in long.items()})
    figures += pages.figures(logs)
    for size, server in long.items():
        figures += exports.figures(size, server.server_id)
    return figures


def _log(size: int) -> Any:
    """A server whose log has so many entries: loaded, and the last one appended."""
    stream = uuid4()
    began = time.monotonic()
    loading.load(stream, size - 1)
    authority = preparing.make_server(stream)
    print(f"a log of {size:,} entries: made in {time.monotonic() - began:.0f} s", flush=True)
    return authority


# --- appending ------------------------------------------------------------------------------------
def appends() -> list[Figure]:
    """Appends per second by one function call and its commit, with one personal value each."""
    scope = uuid4()
    vault.make_key(scope)
    value = Jsonb({"actor": private.commit(scope, "actor", "Ada Ferrer")})
    cases = {
        f"{writers} writer{'s' * (writers > 1)}, {label}": partial(_rate, writers, streams, value)
        for label, streams in (("one log", _begun(1)), (f"{STREAMS:,} logs", _begun(STREAMS)))
        for writers in WRITERS
    }
    section = "Appends: audit_append and its commit, one personal value"
    rates = medians(interleaved(cases))
    return [Figure(section, name, rate, "per second") for name, rate in rates.items()]


def _begun(count: int) -> list[UUID]:
    """So many logs, with one entry each."""
    streams = [uuid4() for _ in range(count)]
    with connection.cursor() as cursor:
        for stream in streams:
            cursor.execute("SELECT audit_append(%s, 'begun', '{}')", [stream])
    return streams


def _rate(writers: int, streams: list[UUID], value: Jsonb) -> float:
    ready = threading.Barrier(writers)
    with ThreadPoolExecutor(writers) as pool:
        each = [pool.submit(_append, streams, value, ready) for _ in range(writers)]
        return sum(rate.result() for rate in each)


def _append(streams: list[UUID], value: Jsonb, ready: threading.Barrier) -> float:
    """What one writer, in a session of its own, achieves for a while."""
    data = Jsonb({"capacity": Capacity.ADMINISTRATOR.value})
    count = 0
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as session:
        ready.wait()
        began = time.perf_counter()
        while (passed := time.perf_counter() - began) < SECONDS:
            with session.transaction():
                asked = [random.choice(streams), Action.MEMBER_REMOVED.value, data, value]
                session.execute("SELECT audit_append(%s, %s, %s, %s)", asked)
            count += 1
    return count / passed


# --- proving --------------------------------------------------------------------------------------
def proving(logs: dict[int, UUID]) -> list[Figure]:
    """How long a proof takes, its tiles read out of the database each time."""
    cases: dict[str, Callable[[], float]] = {}
    for size, stream in logs.items():
        _verify_one(stream, size)
        cases[f"inclusion, {size:,} entries"] = partial(_inclusion, stream, size)
        cases[f"consistency, {size:,} entries"] = partial(_consistency, stream, size)
    times = medians(interleaved(cases))
    section = f"Proofs: median of {PROOFS} chosen at random"
    return [
        Figure(section, name, ms, "ms", at_most=10 if name.startswith("inclusion") else None)
        for name, ms in times.items()
    ]


def _inclusion(stream: UUID, size: int) -> float:
    chosen = random.sample(range(size), PROOFS)
    return median(milliseconds(partial(proofs.inclusion, stream, n, size)) for n in chosen)


def _consistency(stream: UUID, size: int) -> float:
    chosen = random.sample(range(1, size), PROOFS)
    return median(milliseconds(partial(proofs.consistency, stream, n, size)) for n in chosen)


def _verify_one(stream: UUID, size: int) -> None:
    """What is timed afterwards is right: a proof of the loaded log leads to its root."""
    seq = random.randrange(size)
    leaf = bytes(AuditEvent.objects.get(stream_id=stream, seq=seq).leaf)
    proof = proofs.inclusion(stream, seq, size)
    root = AuditStream.objects.get(pk=stream).root
    if not tree.verify_inclusion(tree.leaf_hash(leaf), seq, size, proof, root):
        raise RuntimeError(f"entry {seq} of {size} is not proved")
