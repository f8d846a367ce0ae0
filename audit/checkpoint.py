"""Checkpoints: the log signs how many entries it has and what their root is.

What must never happen: two checkpoints of one log that do not fit each other. A log that grew from
what was signed can prove it to everyone who kept the earlier one; any other cannot, and then nobody
can tell which is true. What prevents it:

- Only what is committed is signed: signing opens a transaction of its own and refuses to run
  inside another, whose entries might still be taken back.
- The last checkpoint of each log is kept outside the database (`audit.kept`). Before the next one
  is signed, a consistency proof from it must verify. After a rewrite it does not, nor after a
  backup was restored. Signing then stops, with `Inconsistent`, until people have looked.
- Whoever restored a backup on purpose says so in the log (`audit.actions.note_restored`). From
  there on the log signs under an origin of its own, which contradicts nothing signed before.
"""

import re
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction

from enigm_command.lib.question import Rows

from . import kept, keys, tree
from .models import AuditCheckpoint, AuditStream
from .note import Checkpoint, Unsigned, Verifier
from .tiles import TilesAround

HEADS = Rows(lambda stream: AuditStream.objects.filter(pk=stream))
ORIGIN = re.compile(r"(?P<first>.+/audit/[0-9a-f-]{36})(/(?P<edition>[0-9]+))?")


class Inconsistent(Exception):
    """The log in the database does not continue the one that was signed."""


def latest(stream: UUID) -> Checkpoint:
    """The checkpoint of the log as it stands committed now; signed anew when it has grown.

    Raises Inconsistent. RuntimeError when it would have to sign inside a transaction.
    """
    last = last_signed(stream)
    if last and _is_of(last, _head(stream)):
        return last
    with transaction.atomic(durable=True):
        return of_snapshot(stream)


def of_snapshot(stream: UUID) -> Checkpoint:
    """The same, as the first question of the caller's own durable transaction.

    First, because the last checkpoint must be read before the database is: one that another process
    signs in between would look like a log that had shrunk.
    """
    with kept.locked(stream):
        last = last_signed(stream)
        head = _head(stream)
        if last and _is_of(last, head):
            return last
        if last:
            _require_growth(last, head)
        return _sign(stream, last.origin if last else _first_origin(stream), head)


def last_signed(stream: UUID) -> Checkpoint | None:
    """The newest checkpoint there is, without signing one; None before the first."""
    note = kept.read(stream) or AuditCheckpoint.objects.newest_note(stream)
    if note is None:
        return None
    origin = note.partition("\n")[0]
    return Checkpoint.open(note, keys.verifiers(origin))


def check() -> None:
    """ImproperlyConfigured unless we hold the key that signed any log last."""
    newest = AuditCheckpoint.objects.order_by("-signed_at").first()
    try:
        if newest:
            Checkpoint.open(newest.note, keys.verifiers(newest.origin))
    except Unsigned:
        raise ImproperlyConfigured(
            "AUDIT_KEYS_FILE lacks the key that signed a log last: put back the file that has it."
        ) from None


def origin_of(stream: UUID) -> str:
    """The name that a log signs under."""
    last = last_signed(stream)
    return last.origin if last else _first_origin(stream)


def verifiers(stream: UUID) -> list[Verifier]:
    """The keys whose signatures below this log's checkpoints are the platform's, newest first."""
    return keys.verifiers(origin_of(stream))


def require_break(stream: UUID) -> Checkpoint:
    """The last checkpoint of a log that does not continue it; ValueError when it does."""
    last = last_signed(stream)
    if last is None:
        raise ValueError("nothing was ever signed for this log")
    try:
        _require_growth(last, _head(stream))
    except Inconsistent:
        return last
    raise ValueError(f"the log continues its last checkpoint, of {last.size} entries")


def begin_edition(stream: UUID, last: Checkpoint) -> Checkpoint:
    """Sign the log under its next origin. Only after an entry has said why: `note_restored`."""
    with transaction.atomic(durable=True), kept.locked(stream):
        return _sign(stream, next_origin(last.origin), _head(stream))


def next_origin(origin: str) -> str:
    """`…/audit/<stream>` is followed by `…/audit/<stream>/2`, and that by `/3`."""
    match = ORIGIN.fullmatch(origin)
    if match is None:
        raise ValueError(f"{origin} is no log's origin")
    return f"{match['first']}/{int(match['edition'] or 1) + 1}"


def _first_origin(stream: UUID) -> str:
    return f"{urlsplit(settings.SITE_URL).netloc}/audit/{stream}"


def _head(stream: UUID) -> AuditStream:
    heads = HEADS.find(stream=stream)
    return heads[0] if heads else AuditStream(pk=stream, size=0, frontier=b"")


def _is_of(last: Checkpoint, head: AuditStream) -> bool:
    return (last.size, last.root) == (head.size, head.root)


def _require_growth(last: Checkpoint, head: AuditStream) -> None:
    if head.size < last.size:
        raise Inconsistent(
            f"{last.size} entries were signed for {last.origin}, and the log now has {head.size}"
        )
    if not _begins_with(last, head):
        raise Inconsistent(
            f"{last.size} entries were signed for {last.origin}, and the log of {head.size}"
            " entries does not begin with them"
        )


def _begins_with(last: Checkpoint, head: AuditStream) -> bool:
    try:
        tiles = TilesAround(head.pk, head.size, [last.size])
        proof = tree.Tree(head.size, tiles).consistency(last.size)
    except tree.Damaged:
        return False
    return tree.verify_consistency(last.size, last.root, head.size, head.root, proof)


def _sign(stream: UUID, origin: str, head: AuditStream) -> Checkpoint:
    """Sign and keep. It is kept first: what is not kept is handed to nobody."""
    signed = Checkpoint.sign(origin, head.size, head.root, keys.signing_key())
    kept.write(stream, signed.note)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT audit_add_checkpoint(%s, %s, %s, %s, %s)",
            [stream, signed.origin, signed.size, signed.root, signed.note],
        )
    return signed
