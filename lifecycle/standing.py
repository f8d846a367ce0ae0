"""From the open records about a server to the one fact that everything else reads."""

from collections.abc import Iterator

from lifecycle.models import ServerDeletion, Suspension
from servers.models import Server, Standing

GRAVITY = list(Standing)


def settle(server: Server) -> Standing:
    """Write what the gravest open record makes of the server; to be called by each act on one.

    The server's row is locked before the records are read: of two acts at once, the later one
    sees what the earlier one wrote.
    """
    held = Server.objects.select_for_update(no_key=True).get(pk=server.pk)
    standing = max(_reasons(held), key=GRAVITY.index, default=Standing.ACTIVE)
    Server.objects.filter(pk=server.pk).update(standing=standing)
    return standing


def _reasons(server: Server) -> Iterator[Standing]:
    if Suspension.objects.open().filter(server=server).exists():
        yield Suspension.STANDING
    for deletion in ServerDeletion.objects.open().filter(server=server):
        yield deletion.standing
