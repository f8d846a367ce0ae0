"""Acts on a server itself. What begins, holds back or ends one stands in `lifecycle.actions`."""

from audit.authority import Authority
from audit.models import AuditStream
from audit.recording import recording
from audit.vocabulary import Action
from servers.models import Server


def export_log(server: Server, *, by: Authority) -> AuditStream:
    """Let the whole log be taken away. That it was stands in the log, as its newest entry."""
    with recording(Action.LOG_EXPORTED, by=by, server=server):
        pass
    return AuditStream.objects.get(pk=server.pk)


def rename_server(server: Server, name: str, *, by: Authority) -> None:
    """Give the server another name. Its address and everything in it stay as they are."""
    with recording(Action.SERVER_RENAMED, by=by, server=server) as entry:
        entry.private["from"] = server.name or ""
        entry.private["to"] = name
        server.name = name
        server.save(update_fields=["name"])
