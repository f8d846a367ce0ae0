"""Acts that let a server run dry, or stop that. Once it is dry, it deletes itself."""

from datetime import datetime
from uuid import UUID

from accounts.notices import Kind
from audit.authority import Authority
from audit.recording import recording
from audit.vocabulary import Action
from enigm_command.lib.wording import utc
from lifecycle import agreements
from lifecycle.models import (
    Grounds,
    NothingToLift,
    Party,
    ProposedAct,
    Retirement,
    ServerDeletion,
)
from lifecycle.standing import require_living, settle
from servers.models import Server


def announce_retirement(server: Server, *, by: Authority) -> Retirement:
    """Say, 30 days ahead, that the server will retire: nobody pays for it any more."""
    with recording(Action.SERVER_RETIREMENT_ANNOUNCED, by=by, server=server) as entry:
        retirement = Retirement.objects.announce(require_living(server), by=by)
        entry.data["begins_at"] = _time(retirement.begins_at)
        entry.data["reason"] = retirement.code
        begins_at = utc(retirement.begins_at, "date")
        server.administrators.tell(Kind.SERVER_RETIREMENT_ANNOUNCED, begins_at=begins_at)
    return retirement


def retire_server(
    server: Server,
    *,
    grounds: Grounds | None = None,
    proposal_id: UUID | None = None,
    by: Authority,
) -> Retirement:
    """Let nobody join and nothing be stored from now on; in 30 days the server deletes itself.

    With `proposal_id` as the second operator, who agrees to exactly this.
    """
    with recording(Action.SERVER_RETIRED, by=by, server=server) as entry:
        held, act = require_living(server), ProposedAct.Act.RETIRE
        if proposal_id and grounds:
            agreements.agree_by_operators(proposal_id, act, held, grounds, entry, by=by)
        retirement = Retirement.objects.place(held, grounds=grounds, by=by)
        settle(server)
        entry.data["dry_at"] = _time(retirement.dry_at)
        _tell(retirement)
        if grounds:
            grounds.enter(entry)
    return retirement


def begin_retirement(retirement: Retirement, *, by: Authority) -> None:
    """Begin what was announced, on the day that was announced."""
    server = retirement.server
    with recording(Action.SERVER_RETIRED, by=by, server=server) as entry:
        require_living(server)
        if not Retirement.objects.begin(retirement):
            raise NothingToLift
        retirement.refresh_from_db()
        settle(server)
        entry.data["dry_at"] = _time(retirement.dry_at)
        _tell(retirement)


def call_off_retirement(server: Server, *, by: Authority) -> None:
    """Let the server live on, unless it has run dry; only whose party retired it can."""
    with recording(Action.SERVER_RETIREMENT_CALLED_OFF, by=by, server=server):
        if not Retirement.objects.call_off(require_living(server), Party.of(by.capacity)):
            raise NothingToLift
        settle(server)
        server.administrators.tell(Kind.SERVER_GOES_ON)


def delete_dry_server(retirement: Retirement, *, by: Authority) -> ServerDeletion:
    """Delete a server that has run dry: nothing was left to read, so there is no delay."""
    server = retirement.server
    with recording(Action.SERVER_DELETION_ORDERED, by=by, server=server) as entry:
        require_living(server)
        if not Retirement.objects.finish(retirement):
            raise NothingToLift
        deletion = ServerDeletion.objects.follow(retirement)
        settle(server)
        entry.data["due_at"] = _time(deletion.due_at)
        entry.data["reason"] = "retired"
    return deletion


def _tell(retirement: Retirement) -> None:
    assert retirement.dry_at is not None, "it has begun"
    dry_at = utc(retirement.dry_at, "date")
    retirement.server.administrators.tell(Kind.SERVER_RETIRED, dry_at=dry_at)


def _time(at: datetime | None) -> str:
    assert at is not None, "what has begun has its end"
    return at.isoformat(timespec="seconds")
