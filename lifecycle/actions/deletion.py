"""Acts that end a whole server. Unavailable at commit, destroyed on a clock.

Two people are needed for what shall not wait or is not one's own: a second administrator to have
it done at once, or where the policy asks for one, and a second operator for what operators delete.
"""

from uuid import UUID

from accounts.notices import Kind
from audit.authority import Authority
from audit.recording import recording
from audit.vocabulary import Action
from enigm_command.lib.wording import span, utc
from lifecycle import agreements
from lifecycle import deletion as ending
from lifecycle.models import Grounds, NothingToLift, Party, ProposedAct, ServerDeletion
from lifecycle.standing import require_living, require_there, settle
from servers.models import PolicyVersion, Server
from servers.models.server import KEPT_AFTER_DELETION


def order_server_deletion(
    server: Server, *, at_once: bool = False, by: Authority
) -> ServerDeletion:
    """Make the whole server unavailable now, and set the clock after which it is destroyed.

    A second administrator is asked to agree where the policy says so, and with `at_once`: then
    their agreement ends the delay.
    """
    with recording(Action.SERVER_DELETION_ORDERED, by=by, server=server) as entry:
        held, policy = require_there(server), PolicyVersion.objects.in_force(server.pk)
        needs_two, delay = policy.deletion_needs_two, policy.deletion_delay
        deletion = ServerDeletion.objects.order(
            held, delay=delay, needs_two=needs_two, at_once=at_once, by=by
        )
        settle(server)
        if needs_two or at_once:
            agreements.ask_second(deletion, by.actor)
        entry.data["due_at"] = deletion.due_at.isoformat(timespec="seconds")
        entry.data |= {"needs_two": needs_two, "at_once": at_once}
        _tell(deletion)
    return deletion


def agree_to_server_deletion(deletion: ServerDeletion, *, by: Authority) -> None:
    """Agree, as the second administrator, to what the first one ordered.

    Raises NotOpen when nobody asked for it, or one has asked oneself.
    """
    with recording(Action.SERVER_DELETION_AGREED, by=by, server=deletion.server) as entry:
        require_there(deletion.server)
        agreements.agree_as_second(deletion, by.actor)
        if not ServerDeletion.objects.agree(deletion):
            raise NothingToLift
        entry.data["at_once"] = deletion.at_once


def call_off_server_deletion(server: Server, *, by: Authority) -> None:
    """Stop the clock before it runs out: the server is again what it was."""
    with recording(Action.SERVER_DELETION_CALLED_OFF, by=by, server=server):
        if not ServerDeletion.objects.call_off(require_there(server), Party.of(by.capacity)):
            raise NothingToLift
        settle(server)
        server.administrators.tell(Kind.SERVER_GOES_ON)


def order_agreed_server_deletion(
    server: Server, proposal_id: UUID, grounds: Grounds, *, by: Authority
) -> ServerDeletion:
    """Agree, as the second operator, to exactly what was proposed: the clock starts.

    Raises NotOpen for one's own proposal, another server's, other grounds, or one that has ended.
    """
    with recording(Action.SERVER_DELETION_ORDERED, by=by, server=server) as entry:
        held = require_living(server)
        agreements.agree_by_operators(
            proposal_id, ProposedAct.Act.DELETE, held, grounds, entry, by=by
        )
        delay = PolicyVersion.objects.in_force(server.pk).deletion_delay
        deletion = ServerDeletion.objects.order(held, delay=delay, grounds=grounds, by=by)
        settle(server)
        entry.data["due_at"] = deletion.due_at.isoformat(timespec="seconds")
        grounds.enter(entry)
        _tell(deletion)
    return deletion


def delete_server(deletion: ServerDeletion, *, by: Authority) -> None:
    """Destroy a server whose time has come and whose content is gone; only its tombstone stays."""
    with recording(Action.SERVER_DELETED, by=by, server=deletion.server) as entry:
        require_there(deletion.server)
        entry.data.update(ending.destroy(deletion))
        settle(deletion.server)
        kept = span(KEPT_AFTER_DELETION)
        deletion.server.administrators.tell(Kind.SERVER_DELETED, kept=kept)


def _tell(deletion: ServerDeletion) -> None:
    due_at = utc(deletion.due_at)
    deletion.server.administrators.tell(Kind.SERVER_DELETION_ORDERED, due_at=due_at)
