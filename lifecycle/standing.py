"""From the open records about a server to the one fact that everything else reads."""

from collections.abc import Iterator

from content import feed
from lifecycle.models import (
    NotInThisStanding,
    Restriction,
    Retirement,
    ServerDeletion,
    Suspension,
)
from servers.models import Server, Standing

# The later, the graver. A suspension outweighs a retirement: while retiring, people read on, and
# nobody may open again by retiring what somebody else has suspended.
GRAVITY = (
    Standing.ACTIVE,
    Standing.RESTRICTED,
    Standing.RETIRING,
    Standing.SUSPENDED,
    Standing.DELETING,
    Standing.DELETED,
)


def require_living(server: Server) -> Server:
    """The server's row, locked for the act; NotInThisStanding once its deletion is ordered."""
    return _require(server, not_in=(Standing.DELETING, Standing.DELETED))


def require_there(server: Server) -> Server:
    """The same for what is possible until the server is gone."""
    return _require(server, not_in=(Standing.DELETED,))


def settle(server: Server) -> Standing:
    """Write what the gravest open record makes of the server, and tell its devices; to be called
    by each act on one.

    The server's row is locked before the records are read: of two acts at once, the later one
    sees what the earlier one wrote.
    """
    held = _locked(server)
    standing = max(_reasons(held), key=GRAVITY.index, default=Standing.ACTIVE)
    Server.objects.filter(pk=server.pk).update(standing=standing)
    if standing != held.standing:
        feed.announce(server.pk, standing)
    return standing


def _reasons(server: Server) -> Iterator[Standing]:
    if Restriction.objects.open().filter(server=server).exists():
        yield Restriction.STANDING
    if Suspension.objects.open().filter(server=server).exists():
        yield Suspension.STANDING
    if Retirement.objects.begun().filter(server=server).exists():
        yield Retirement.STANDING
    for deletion in ServerDeletion.objects.open().filter(server=server):
        yield deletion.standing


def _require(server: Server, *, not_in: tuple[Standing, ...]) -> Server:
    held = _locked(server)
    if held.standing in not_in:
        raise NotInThisStanding
    return held


def _locked(server: Server) -> Server:
    return Server.objects.select_for_update(no_key=True).get(pk=server.pk)
