"""What the pages of a log have in common, be it a server's or the platform's own."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, StreamingHttpResponse

from audit import export, proofs
from audit.models import AuditEvent
from enigm_command.lib.paging import SIZE
from enigm_command.lib.question import Rows
from servers.log_check import check
from servers.log_filters import LogFilters

NEWEST = Rows(
    lambda stream: (
        AuditEvent.objects.of(stream)
        .newest_first()
        .as_disclosed()
        .only("stream_id", "seq", "leaf")[: SIZE + 1]
    )
)


def listed(log: UUID, query: Mapping[str, Any]) -> dict[str, Any]:
    """The entries that an address asks for, newest first, and what was checked of them."""
    filters, before = LogFilters(query), _number(query.get("before", ""))
    is_first = before is None and not filters.query
    events = NEWEST.find(stream=log) if is_first else _fitting(log, filters, before)
    return {
        "form": filters,
        "events": events[:SIZE],
        "before": before,
        "more": len(events) > SIZE,
        "check": check(log, events[:SIZE]),
    }


def _fitting(log: UUID, filters: LogFilters, before: int | None) -> list[AuditEvent]:
    fitting = filters.apply(AuditEvent.objects.of(log), log).newest_first()
    if before is not None:
        fitting = fitting.filter(seq__lt=before)
    return fitting[: SIZE + 1].disclosed()


def entry(log: UUID, seq: int, **beside: Any) -> Any:
    """One entry, with what else is asked on it; 404 when the log has none of this number."""
    found = AuditEvent.objects.of(log).filter(seq=seq).annotate(**beside).disclosed()
    if not found:
        raise Http404
    return found[0]


def proof_of(event: AuditEvent) -> HttpResponse:
    """The proof that an entry is in its log, as a file."""
    response = HttpResponse(proofs.tlog_proof(event), content_type="text/plain; charset=utf-8")
    name = f"entry-{event.seq}.tlog-proof"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def bundle(log: UUID, *, disclosing: bool) -> StreamingHttpResponse:
    """The whole log as a file that anyone can check."""
    pieces = export.archive(log, disclosing=disclosing)
    response = StreamingHttpResponse(pieces, content_type="application/gzip")
    response.headers["Content-Disposition"] = f'attachment; filename="log-{log}.tar.gz"'
    return response


def _number(text: str) -> int | None:
    """An entry's number out of an address that anyone may have edited."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 15 else None
