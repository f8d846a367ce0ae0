"""Acts that touch every app, and so can stand in none of them."""

from audit.authority import Authority
from audit.recording import recording
from audit.vocabulary import Action
from enigm_command import retention
from servers.models import Server


def forget_server(server: Server, *, by: Authority) -> None:
    """Forget what was still kept of a deleted server. That it was stands in the platform's log."""
    with recording(Action.SERVER_FORGOTTEN, by=by, server=None) as entry:
        entry.data["server"] = str(server.pk)
        entry.data["rows"] = retention.forget_server(server)
