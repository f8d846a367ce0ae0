"""Acts on a log itself."""

from uuid import UUID

from . import anchor, checkpoint
from .authority import Authority
from .models import AuditStream
from .note import Checkpoint
from .recording import recording
from .vocabulary import Action


def anchor_logs(*, by: Authority) -> anchor.Anchor:
    """Commit to the heads of all other logs at once, in the platform's own log.

    Raises anchor.Unchanged when none has grown since the last anchor.
    """
    with recording(Action.LOGS_ANCHORED, by=by, server=None) as entry:
        anchored = anchor.take()
        entry.data["streams"] = len(anchored.leaves)
        entry.data["root"] = anchored.tree.root().hex()
    return anchored


def note_restored(stream: UUID, reason: str, *, by: Authority) -> Checkpoint:
    """Go on with a log whose database was restored from a backup, under an origin of its own.

    Its next entry says what had been signed before. ValueError when the log still continues that.
    """
    last = checkpoint.require_break(stream)
    with recording(Action.LOG_RESTORED, by=by, server=AuditStream(pk=stream)) as entry:
        entry.data["signed_size"] = last.size
        entry.data["signed_root"] = last.root.hex()
        entry.data["origin"] = checkpoint.next_origin(last.origin)
        entry.private["reason"] = reason
    return checkpoint.begin_edition(stream, last)
