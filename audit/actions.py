"""Acts on a log itself, and the reading of what the platform shows its operators."""

from contextlib import suppress
from uuid import UUID

from . import anchor, checkpoint, viewing
from .authority import Authority
from .models import AuditStream
from .note import Checkpoint
from .recording import PLATFORM, HasId, recording
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


def note_view(
    page: str, server: HasId | None = None, *, disclosed: bool = True, by: Authority
) -> None:
    """Say that an operator looks at a page, before it is shown; once an hour for each page.

    It stands in the log of the server it is about, too; with `disclosed` False in the platform's
    alone: for what administrators may not know of yet, and when their log is closed.
    """
    log = server if disclosed else None
    with (
        suppress(viewing.SeenThisHour),
        recording(Action.PAGE_VIEWED, by=by, server=log) as entry,
    ):
        entry.data["page"] = page
        if server and not disclosed:
            entry.data["server"] = str(server.pk)
        viewing.require_first(PLATFORM if log is None else log.pk, entry.data, by)
