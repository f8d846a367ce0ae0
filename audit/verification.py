"""Everything that the database says of a log, checked again from the bytes of its entries.

The check is the one that ships with every export, on tiles read out of the database. On top comes
what only the database can show: rows outside the tree, and columns that contradict their entry.
"""

from collections.abc import Iterator
from uuid import UUID

from django.db import connection

from . import checkpoint, export, keys, tree
from .disclosure import Disclosed, disclosed
from .models import AuditCheckpoint, AuditStream
from .note import Checkpoint, Unsigned
from .tiles import StoredTiles
from .verify_bundle import Check, NotIntact

AT_ONCE = 10_000  # entries
UNREADABLE = (tree.Damaged, Unsigned, ValueError, LookupError, TypeError, AttributeError)
STRAY = "SELECT min(seq) FROM audit_event WHERE stream_id = %s AND NOT seq BETWEEN 0 AND %s - 1"
MISFILED = """
    SELECT min(seq) FROM audit_event CROSS JOIN LATERAL convert_from(leaf, 'UTF8') AS text
    WHERE stream_id = %s AND seq BETWEEN %s AND %s - 1
        AND (filed_as, filed_by, filed_at) IS DISTINCT FROM (
            text::jsonb ->> 'action', text::jsonb -> 'data' ->> 'capacity',
            (text::jsonb ->> 'at')::timestamptz)
"""


class StoredLog(StoredTiles):
    """A log of the database, as the check reads it."""

    def __init__(self, stream: UUID, size: int) -> None:
        super().__init__(stream)
        self.size = size

    def disclosed(self) -> Iterator[Disclosed]:
        return disclosed(self.stream, self.size)


def verify(stream: UUID) -> int:
    """Check one log from its first entry to its last; how many it has.

    Raises NotIntact, which names the first thing wrong. Never inside a transaction: RuntimeError.
    """
    try:
        last = checkpoint.last_signed(stream)  # before the snapshot, so that it is not ahead of it
        with export.snapshot():
            head = AuditStream.objects.filter(pk=stream).first()
            return _verify(head or AuditStream(pk=stream, size=0, frontier=b""), last)
    except UNREADABLE as error:
        raise NotIntact(str(error)) from error


def _verify(head: AuditStream, last: Checkpoint | None) -> int:
    if last and last.size > head.size:
        raise NotIntact(f"{last.size} entries were signed, and {head.size} are here")
    known = {head.size: head.root} | _signed(head, last)
    check = Check(StoredLog(head.pk, head.size), str(head.pk), head.size, known).run()
    if tree.root_of(bytes(head.frontier)) != tree.root_of(b"".join(check.subtrees)):
        raise NotIntact("the roots that the next entry is hashed into are not those of the entries")
    if check.hidden != check.erased:
        raise NotIntact(f"{check.hidden} values are missing, {check.erased} recorded as erased")
    _verify_rows(head)
    return head.size


def _signed(head: AuditStream, last: Checkpoint | None) -> dict[int, bytes]:
    """What was signed for the log as it is now called, by size. The one kept outside decides."""
    if last is None:
        return {}
    notes = AuditCheckpoint.objects.of(head.pk).filter(origin=last.origin)
    ours = keys.verifiers(last.origin)
    signed = [Checkpoint.open(note, ours) for note in notes.values_list("note", flat=True)]
    return {each.size: each.root for each in [*signed, last]}


def _verify_rows(head: AuditStream) -> None:
    if (stray := _first(STRAY, head.pk, head.size)) is not None:
        raise NotIntact(f"entry {stray}: a row outside the tree")
    for start in range(0, head.size, AT_ONCE):
        misfiled = _first(MISFILED, head.pk, start, min(head.size, start + AT_ONCE))
        if misfiled is not None:
            raise NotIntact(f"entry {misfiled}: pages would find it under what it does not say")


def _first(query: str, *asked: UUID | int) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(query, asked)
        found: int | None = cursor.fetchone()[0]
        return found
