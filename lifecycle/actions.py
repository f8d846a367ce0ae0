"""Acts that begin, hold back or end a server. Each changes its standing by its own record."""

from audit.authority import Authority
from audit.recording import recording
from audit.vocabulary import Action
from lifecycle import creation as creating
from lifecycle import deletion as ending
from lifecycle.models import Creation, NothingToLift, Party, ServerDeletion, Suspension
from lifecycle.standing import settle
from servers.models import PolicyVersion, Server


def create_server(creation: Creation, *, by: Authority) -> Server:
    """Make the server that was paid for, whole or not at all."""
    server = creating.planned(creation)
    with recording(Action.SERVER_CREATED, by=by, server=server) as entry:
        creating.make(server, creation)
        entry.data["region"] = server.get_region_display()
    return server


def suspend_server(server: Server, *, reason: str = "", by: Authority) -> Suspension:
    """Let nobody read or write until it is resumed. Leaving, own deletion and expiry go on."""
    with recording(Action.SERVER_SUSPENDED, by=by, server=server) as entry:
        suspension = Suspension.objects.place(
            server, party=Party.of(by.capacity), placed_by=by.actor, reason=reason
        )
        settle(server)
        if reason:
            entry.private["reason"] = reason
    return suspension


def resume_server(server: Server, *, by: Authority) -> None:
    """Lift the suspension that one's own party placed; the other party's stays."""
    with recording(Action.SERVER_RESUMED, by=by, server=server):
        if not Suspension.objects.lift(server, Party.of(by.capacity)):
            raise NothingToLift
        settle(server)


def order_server_deletion(server: Server, *, by: Authority) -> ServerDeletion:
    """Make the whole server unavailable now, and set the clock after which it is destroyed."""
    with recording(Action.SERVER_DELETION_ORDERED, by=by, server=server) as entry:
        delay = PolicyVersion.objects.in_force(server.pk).deletion_delay
        deletion = ServerDeletion.objects.order(server, ordered_by=by.actor, delay=delay)
        settle(server)
        entry.data["due_at"] = deletion.due_at.isoformat(timespec="seconds")
    return deletion


def call_off_server_deletion(server: Server, *, by: Authority) -> None:
    """Stop the clock before it runs out: the server is again what it was."""
    with recording(Action.SERVER_DELETION_CALLED_OFF, by=by, server=server):
        if not ServerDeletion.objects.call_off(server):
            raise NothingToLift
        settle(server)


def delete_server(deletion: ServerDeletion, *, by: Authority) -> None:
    """Destroy a server whose time has come and whose content is gone; only its tombstone stays."""
    with recording(Action.SERVER_DELETED, by=by, server=deletion.server) as entry:
        entry.data.update(ending.destroy(deletion))
        settle(deletion.server)
