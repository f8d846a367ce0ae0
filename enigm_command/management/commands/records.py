from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand

from enigm_command.lib.records import Class, Lifetime, Record
from enigm_command.register import PARTS

HEAD = """# What this service keeps

Every column of the database: what class of value it holds, why, who gets to see it through the
product, how long it is kept and what ends it. Written by `manage.py records` from the register
(`<app>/records.py`); a test compares the two, and another one the register with the database.
The same stands on every installation under `/knows/` and `/knows.json`.

Of what lies outside the database: bodies above 16 KiB lie as they were sent, encrypted, in the
storage of the server's region and go with their rows; the queue holds names of tasks and ids; log
lines name no person, address or browser; master keys, the log's signing keys and kept checkpoints
lie in files of their own.
"""


class Command(BaseCommand):
    help = "Write the register of records as a document."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write("\n".join(_lines()))


def _lines() -> Iterator[str]:
    yield HEAD
    yield from ("| class | what it is |", "|---|---|")
    yield from (f"| {kind} | {kind.meaning} |" for kind in Class)
    for part, records in PARTS:
        yield f"\n## {part}"
        for record in records:
            yield from _table(record)


def _table(record: Record) -> Iterator[str]:
    yield f"\n### {record.title}\n"
    yield f"`{record.table}`: {_seen(record.readers)}, {_kept(record.kept)}.\n"
    yield "| column | class | what for | unlike its table |\n|---|---|---|---|"
    for fact in record.facts:
        other = [_seen(fact.readers)] if fact.readers != record.readers else []
        other += [_kept(fact.kept)] if fact.kept != record.kept else []
        yield f"| {fact.name} | {fact.kind} | {fact.purpose} | {', '.join(other)} |"


def _seen(readers: tuple[str, ...]) -> str:
    return f"seen by {' and '.join(readers)}"


def _kept(lifetime: Lifetime) -> str:
    enders = ", ".join(f"`{ender}`" for ender in lifetime.ended_by)
    return f"kept {lifetime.words} ({enders})" if enders else f"kept {lifetime.words}"
