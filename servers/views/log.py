"""The server's own log, as its administrators read it, check it and take it away."""

import csv
import io
from collections.abc import Iterator

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import ConfirmingForm
from accounts.stepup import fresh_factor
from audit import erasure
from audit.models import AuditEvent, AuditEventQuerySet
from audit.vocabulary import Action
from enigm_command.lib import throttle, wording
from enigm_command.lib.paging import SIZE
from servers import actions, log_pages, policy
from servers.confirming import asked, is_spent
from servers.edge import ServerRequest, administrators_even_after, administrators_only
from servers.log_check import check
from servers.models import Server

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would carry out


@require_safe
@administrators_even_after
def log(request: ServerRequest, server: Server) -> HttpResponse:
    context = {"server": server, **log_pages.listed(server.pk, request.GET)}
    return render(request, "servers/log.html", context)


@require_safe
@administrators_even_after
def log_entry(request: ServerRequest, server: Server, seq: int) -> HttpResponse:
    event = log_pages.entry(server.pk, seq)
    checked = check(server.pk, [event])
    leaf = bytes(event.leaf).decode()
    context = {"server": server, "event": event, "check": checked, "leaf": leaf}
    context["beside"] = checked.read.inclusion(seq) if checked.read else []
    return render(request, "servers/log_entry.html", context)


@require_safe
@administrators_even_after
def log_proof(request: ServerRequest, server: Server, seq: int) -> HttpResponse:
    return log_pages.proof_of(log_pages.entry(server.pk, seq))


@require_POST
@administrators_even_after
@fresh_factor
def log_export(request: ServerRequest, server: Server) -> StreamingHttpResponse:
    _record_export(request, server)
    return log_pages.bundle(server.pk, disclosing=not server.is_deleted)


@require_POST
@administrators_even_after
@fresh_factor
def log_table(request: ServerRequest, server: Server) -> StreamingHttpResponse:
    _record_export(request, server)
    lines = _lines(AuditEvent.objects.of(server.pk).order_by("seq"))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="log-{server.pk}.csv"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def value_erasure(request: ServerRequest, server: Server, seq: int, name: str) -> HttpResponse:
    event = log_pages.entry(server.pk, seq, fields=erasure.FIELDS)
    if name not in event.said["commit"]:
        raise Http404
    if name not in event.private:  # erased already
        return redirect("log-entry", server.pk, seq)
    value, which = event.private[name], (str(seq), name)
    confirmation = asked(request, Action.VALUE_ERASED, *which)
    form = ConfirmingForm(request.POST or None, confirmation=confirmation)
    if is_spent(request, form, Action.VALUE_ERASED, *which):
        erased = actions.erase_value(server, value, by=request.authority)
        places = wording.counted(erased, "entry,entries")
        messages.success(request, f"Erased from {places}. Each still proves.")
        return redirect("log-entry", server.pk, seq)
    entries = erasure.count_value(server.pk, value, event.fields)
    context = {"server": server, "event": event, "name": name, "value": value, "form": form}
    return render(request, "servers/value_erasure.html", {**context, "entries": entries})


def _record_export(request: ServerRequest, server: Server) -> None:
    """The log of a deleted server is closed: what is done with it enters it no more."""
    throttle.hit("export", str(request.user.pk))
    if not server.is_deleted:
        actions.export_log(server, by=request.authority)


def _lines(events: AuditEventQuerySet) -> Iterator[str]:
    """The log as a table, page by page; a value that a spreadsheet would carry out is quoted."""
    yield _line(["entry", "at (UTC)", "capacity", "who", "what", "values", "hash"])
    after = -1
    while page := events.filter(seq__gt=after)[:SIZE].disclosed():
        yield from (_line(_cells(event)) for event in page)
        after = page[-1].seq


def _line(cells: list[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(
        [f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells]
    )
    return written.getvalue()


def _cells(event: AuditEvent) -> list[str]:
    values = "; ".join(
        [
            *(f"{name}: {text}" for name, text in event.shown_values.items()),
            *(f"{one.label}: {one.was} to {one.becomes}" for one in policy.in_data(event.data)),
        ]
    )
    who, digest = event.actor_name, bytes(event.leaf_hash).hex()
    at = event.at.isoformat(timespec="microseconds")
    return [str(event.seq), at, event.capacity_label, who, event.sentence, values, digest]
