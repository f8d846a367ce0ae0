"""The server's own log, as its administrators read it."""

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from audit.models import AuditEvent, AuditStream
from enigm_command.lib.paging import SIZE
from servers import actions
from servers.edge import ServerRequest, administrators_even_after, administrators_only
from servers.models import Server


@require_safe
@administrators_even_after
def log(request: ServerRequest, server: Server) -> HttpResponse:
    entries = AuditEvent.objects.of(server.pk).newest_first()
    before = _number(request.GET.get("before", ""))
    if before is not None:
        entries = entries.filter(seq__lt=before)
    context = {
        "server": server,
        "events": entries[:SIZE].disclosed(),
        "before": before,
        "head": AuditStream.objects.filter(pk=server.pk).first(),
    }
    return render(request, "servers/log.html", context)


@require_POST
@administrators_only
def log_download(request: ServerRequest, server: Server) -> StreamingHttpResponse:
    head = actions.export_log(server, by=request.authority)
    leaves = AuditEvent.objects.of(server.pk).filter(seq__lt=head.size).leaves()
    lines = (leaf + b"\n" for leaf in leaves)
    response = StreamingHttpResponse(lines, content_type="application/jsonl; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="log.jsonl"'
    return response


def _number(text: str) -> int | None:
    """An entry's number out of an address that anyone may have edited."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 15 else None
