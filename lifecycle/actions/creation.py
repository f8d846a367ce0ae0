"""The act that makes a server."""

from audit.authority import Authority
from audit.recording import recording
from audit.vocabulary import Action
from lifecycle import creation as creating
from lifecycle.models import Creation
from servers.models import Server


def create_server(creation: Creation, *, by: Authority) -> Server:
    """Make the server that was paid for, whole or not at all."""
    server = creating.planned(creation)
    with recording(Action.SERVER_CREATED, by=by, server=server) as entry:
        creating.make(server, creation)
        entry.data["region"] = server.get_region_display()
    return server
