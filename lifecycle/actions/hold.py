"""Acts that keep what would be destroyed, for a reason and until a day."""

from datetime import datetime

from audit.authority import Authority
from audit.models import AuditStream
from audit.recording import PLATFORM, recording
from audit.vocabulary import Action
from lifecycle import holds
from lifecycle.models import Hold, NothingToLift
from lifecycle.models.hold import Wish
from lifecycle.standing import require_living, require_there
from servers.models import Server


def place_hold(server: Server, wish: Wish, *, by: Authority) -> Hold:
    """Let no destruction that is ordered from now on be carried out before it ends or is lifted.

    A confidential one is entered in the platform's log alone.
    """
    log = None if wish.confidential else server
    with recording(Action.HOLD_PLACED, by=by, server=log) as entry:
        hold = Hold.objects.place(require_living(server), wish, placed_by=by.actor)
        holds.settle(server.pk)
        entry.data |= _facts(hold)
        entry.private["reason"] = wish.reason
        entry.private["reference"] = wish.reference
    return hold


def lift_hold(hold: Hold, *, by: Authority) -> None:
    """Let what waited be destroyed. Only now a confidential hold enters the server's log."""
    with recording(Action.HOLD_LIFTED, by=by, server=hold.server) as entry:
        require_there(hold.server)
        if not Hold.objects.end(hold):
            raise NothingToLift
        holds.settle(hold.server_id)
        entry.also.append(AuditStream(pk=PLATFORM))
        entry.data |= _facts(hold) | {"since": _time(hold.placed_at)}


def _facts(hold: Hold) -> dict[str, str | int | bool]:
    return {
        "hold": str(hold.pk),
        "server": str(hold.server_id),
        "category": hold.category,
        "confidential": hold.confidential,
        "until": _time(hold.until),
    }


def _time(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
