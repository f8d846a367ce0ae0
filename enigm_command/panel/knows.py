"""What this service knows: the register of records for everyone, and one's own server's share."""

from typing import Any

from django.db.models import BigIntegerField, Func, Model, Subquery
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from enigm_command.lib.http import public
from enigm_command.lib.records import Class, Fact, Record
from enigm_command.register import PARTS, REGISTER
from servers.edge import ServerRequest, administrators_even_after
from servers.models import Server


@public
@require_safe
def knows(request: HttpRequest) -> HttpResponse:
    """Every column there is. Nothing is looked up: the page is the program's own list."""
    columns = [fact.kind for record in REGISTER for fact in record.facts]
    classes = [(kind, kind.meaning, columns.count(kind)) for kind in Class]
    context = {"parts": PARTS, "classes": classes, "number": len(columns)}
    return render(request, "public/knows.html", context)


@public
@require_safe
def knows_json(request: HttpRequest) -> JsonResponse:
    """The same for programs."""
    classes = {kind: kind.meaning for kind in Class}
    columns = [_said(record, fact) for record in REGISTER for fact in record.facts]
    return JsonResponse({"classes": classes, "columns": columns})


@require_safe
@administrators_even_after
def server_knows(request: ServerRequest, server: Server) -> HttpResponse:
    counts = _count_rows(server)
    parts = [
        (part, [(record, counts[record.table]) for record in records if record.table in counts])
        for part, records in PARTS
    ]
    context = {"server": server, "parts": [(part, rows) for part, rows in parts if rows]}
    return render(request, "panel/server_knows.html", context)


def _said(record: Record, fact: Fact) -> dict[str, Any]:
    return {
        "table": record.table,
        "rows": record.title,
        "column": fact.name,
        "class": fact.kind,
        "purpose": fact.purpose,
        "readers": fact.readers,
        "kept": fact.kept.words,
        "ended_by": fact.kept.ended_by,
    }


def _count_rows(server: Server) -> dict[str, int]:
    """How many rows of each table belong to a server, counted now and in one query."""
    counts = {
        record.table: Subquery(_counted(record.model, **{record.of_server: server.pk}))
        for record in REGISTER
        if record.of_server and record.counted and not isinstance(record.model, str)
    }
    numbers = Server.objects.filter(pk=server.pk).values_list(*counts.values()).get()
    return dict(zip(counts, numbers, strict=True))


def _counted(model: type[Model], **of_server: Any) -> Any:
    rows = Func(template="count(*)", output_field=BigIntegerField())
    return model._default_manager.filter(**of_server).order_by().values(row_count=rows)
