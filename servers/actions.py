"""Acts on a server itself. What begins, holds back or ends one stands in `lifecycle.actions`."""

from audit import erasure
from audit.authority import Authority
from audit.recording import recording
from audit.vocabulary import Action
from servers.models import Server


def export_log(server: Server, *, by: Authority) -> None:
    """Let the whole log be taken away. That it was stands in the log, as its newest entry."""
    with recording(Action.LOG_EXPORTED, by=by, server=server):
        pass


def erase_value(server: Server, value: str, *, by: Authority) -> int:
    """Erase one personal value wherever the log names it. The entries stay and still prove."""
    with recording(Action.VALUE_ERASED, by=by, server=server) as entry:
        erased = erasure.erase_value(server.pk, value, "a person asked")
        entry.data["count"] = erased
    return erased


def rename_server(server: Server, name: str, *, by: Authority) -> None:
    """Give the server another name. Its address and everything in it stay as they are."""
    with recording(Action.SERVER_RENAMED, by=by, server=server) as entry:
        entry.private["from"] = server.name or ""
        entry.private["to"] = name
        server.name = name
        server.save(update_fields=["name"])
