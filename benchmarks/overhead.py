"""What recording adds to one small change, beside the two audit logs that Django projects use."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from django.apps import apps
from django.db import transaction
from django.db.models import QuerySet

from audit.authority import Authority
from audit.models import AuditEvent
from audit.recording import recording
from audit.vocabulary import Action
from benchmarks import models, preparing
from benchmarks.measure import Figure, interleaved, medians, milliseconds, overheads
from servers.models import Server

ACTIONS = 1000  # of each way, one of each in every turn
SECTION = "Overhead: get and save of one row, in one transaction"
BARE, AUDITLOG, PGHISTORY = "no audit", "django-auditlog", "django-pghistory"
OURS, ENTRY_ONLY = "ours", "ours, the entry alone"  # the whole also reads the power once more
PEERS = {AUDITLOG: "auditlog", PGHISTORY: "pghistory"}
MISSING = (
    "{names} not installed, so not measured. To install: python3 -m pip --python .venv/bin/python"
    " install --require-hashes --requirement requirements/bench.txt"
)


def figures() -> list[Figure]:
    """Milliseconds for one action, what of it is recording, and the ratio to django-auditlog's."""
    ways = _ways()
    before = {name: way.entries.count() for name, way in ways.items()}
    cases = {name: partial(_timed, way, _row(way)) for name, way in ways.items()}
    found = interleaved(cases, rounds=ACTIONS)
    _require_entries(ways, before)
    added = overheads(found, BARE)
    rows = [Figure(SECTION, name, ms, "ms") for name, ms in medians(found).items()]
    rows += [Figure(SECTION, f"added by {name}", ms, "ms") for name, ms in added.items()]
    for peer, most in ((AUDITLOG, 0.5), (PGHISTORY, None)):
        for ours in (OURS, ENTRY_ONLY) if peer in added else ():
            ratio = added[ours] / added[peer]
            rows.append(Figure(SECTION, f"({ours}) ÷ {peer}, added", ratio, "", at_most=most))
    return rows


class Way(NamedTuple):
    """A table, the transaction that one action on it runs in, and where its entries are counted."""

    model: type[models.Note]
    within: Callable[[], AbstractContextManager[Any]]
    entries: QuerySet[Any]


def _ways() -> dict[str, Way]:
    by = preparing.make_server()
    recorded = partial(recording, Action.SERVER_RENAMED, server=Server(pk=by.server_id))
    log = AuditEvent.objects.filter(stream_id=by.server_id)
    ways = {
        BARE: Way(models.Bare, transaction.atomic, models.Bare.objects.none()),
        OURS: Way(models.Recorded, partial(recorded, by=by), log),
        ENTRY_ONLY: Way(models.Recorded, partial(recorded, by=replace(by, warrant=None)), log),
    }
    if apps.is_installed(PEERS[AUDITLOG]):
        entries = apps.get_model("auditlog", "LogEntry").objects.all()
        ways[AUDITLOG] = Way(models.Auditlogged, partial(_auditlogged, by), entries)
    if apps.is_installed(PEERS[PGHISTORY]):
        entries = apps.get_model("benchmarks", "TrackedEvent").objects.all()
        ways[PGHISTORY] = Way(models.Tracked, partial(_tracked, by), entries)
    if missing := [name for name in PEERS if name not in ways]:
        print(MISSING.format(names=" and ".join(missing)), flush=True)
    return ways


@contextmanager
def _auditlogged(by: Authority) -> Iterator[None]:
    """With the actor, as its middleware sets one for each request."""
    from auditlog.context import set_actor

    with set_actor(by.warrant.account), transaction.atomic():
        yield


@contextmanager
def _tracked(by: Authority) -> Iterator[None]:
    """With the actor, as its middleware sets one for each request."""
    import pghistory

    with pghistory.context(user=str(by.actor)), transaction.atomic():
        yield


def _row(way: Way) -> int:
    with way.within():
        return way.model.objects.create(title="Note", text="What it says. " * 20).pk


def _timed(way: Way, pk: int) -> float:
    return milliseconds(partial(_act, way, pk))


def _act(way: Way, pk: int) -> None:
    with way.within():
        row = way.model.objects.get(pk=pk)
        row.edits += 1
        row.save()


def _require_entries(ways: dict[str, Way], before: dict[str, int]) -> None:
    """Nothing is compared with a way that recorded less."""
    for name, way in ways.items():
        if name != BARE and way.entries.count() < before[name] + ACTIONS:
            raise RuntimeError(f"{name}: not every action left its entry")
