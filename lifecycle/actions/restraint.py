"""Acts that hold a server back, and let go of it again: by the party that did it."""

from uuid import UUID

from accounts.notices import Kind
from audit.authority import Authority
from audit.recording import recording
from audit.vocabulary import Action
from lifecycle import agreements
from lifecycle.models import (
    Grounds,
    NothingToLift,
    Party,
    ProposedAct,
    Restriction,
    Suspension,
)
from lifecycle.standing import require_there, settle
from servers.models import Server


def restrict_server(
    server: Server, grounds: Grounds, *, proposal_id: UUID | None = None, by: Authority
) -> Restriction:
    """Let nobody join and nothing be stored until it is lifted. What is there can be read.

    With `proposal_id` as the second operator, who agrees to exactly this.
    """
    with recording(Action.SERVER_RESTRICTED, by=by, server=server) as entry:
        held, act = require_there(server), ProposedAct.Act.RESTRICT
        if proposal_id:
            agreements.agree_by_operators(proposal_id, act, held, grounds, entry, by=by)
        restriction = Restriction.objects.place(held, grounds=grounds, by=by)
        settle(server)
        grounds.enter(entry)
        server.administrators.tell(Kind.SERVER_RESTRICTED)
    return restriction


def lift_restriction(server: Server, *, by: Authority) -> None:
    """Let people join and store again, as far as nothing else holds the server back."""
    with recording(Action.SERVER_RESTRICTION_LIFTED, by=by, server=server):
        if not Restriction.objects.lift(require_there(server), Party.of(by.capacity)):
            raise NothingToLift
        settle(server)
        server.administrators.tell(Kind.SERVER_GOES_ON)


def suspend_server(
    server: Server,
    *,
    reason: str = "",
    grounds: Grounds | None = None,
    proposal_id: UUID | None = None,
    by: Authority,
) -> Suspension:
    """Let nobody read or write until it is resumed. Leaving, own deletion and expiry go on.

    An administrator may give a reason in words; an operator states the grounds, and with
    `proposal_id` is the second one, who agrees to exactly this.
    """
    with recording(Action.SERVER_SUSPENDED, by=by, server=server) as entry:
        held, act = require_there(server), ProposedAct.Act.SUSPEND
        if proposal_id and grounds:
            agreements.agree_by_operators(proposal_id, act, held, grounds, entry, by=by)
        suspension = Suspension.objects.place(held, reason=reason, grounds=grounds, by=by)
        settle(server)
        if grounds:
            grounds.enter(entry)
        entry.private |= {"reason": reason} if reason else {}
        server.administrators.tell(Kind.SERVER_SUSPENDED)
    return suspension


def resume_server(server: Server, *, by: Authority) -> None:
    """Lift the suspension that one's own party placed; the other party's stays."""
    with recording(Action.SERVER_RESUMED, by=by, server=server):
        if not Suspension.objects.lift(require_there(server), Party.of(by.capacity)):
            raise NothingToLift
        settle(server)
        server.administrators.tell(Kind.SERVER_GOES_ON)
