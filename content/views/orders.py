"""Deletion orders: how far each has come, and the receipt at its end."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from content import progress, reach, receipts, words
from content.models import DeletionOrder, Gate, Receipt
from enigm_command.lib.paging import SIZE, page
from enigm_command.lib.progress import Mark
from enigm_command.lib.question import Question, count
from servers.edge import ServerRequest, administrators_even_after, administrators_only
from servers.models import Server

SUMS = Question(
    count=lambda server: count(DeletionOrder.objects.of(server)),
    forgotten=lambda server: count(Receipt.objects.of_forgotten_orders(server)),
)


@require_safe
@administrators_only
def orders(request: ServerRequest, server: Server) -> HttpResponse:
    placed = DeletionOrder.objects.of(server.pk).order_by("-number")
    before = _number(request.GET.get("before", ""))
    shown = list((placed.filter(number__lt=before) if before else placed)[:SIZE])
    known, applied = reach.applied_by(server.pk, [order.number for order in shown])
    scopes = words.describe(server.pk, [order.scope for order in shown])
    context = {
        "server": server,
        "rows": [
            (order, scope, applied[order.number])
            for order, scope in zip(shown, scopes, strict=True)
        ],
        "known": known,
        "before": before,
        "older": shown[-1].number if len(shown) == SIZE else None,
        **SUMS.ask(server=server.pk),
    }
    return render(request, "content/orders.html", context)


@require_safe
@administrators_only
def kept_receipts(request: ServerRequest, server: Server) -> HttpResponse:
    """The receipts of orders that are forgotten: all that is left of these."""
    kept = Receipt.objects.of_forgotten_orders(server.pk)
    shown = page(kept, by="-written_at", after=request.GET.get("after", ""))
    context = {"server": server, "page": shown, "count": kept.count()}
    return render(request, "content/kept_receipts.html", context)


@require_safe
@administrators_even_after
def order(request: ServerRequest, server: Server, pk: UUID) -> HttpResponse:
    order = _watched(server).filter(pk=pk).first()
    if order is None:
        return _kept_receipt(request, server, pk)
    since = Mark.carried_by(request.GET)
    context = {
        "server": server,
        "order": order,
        "scope": words.describe(server.pk, [order.scope])[0],
        "entry": receipts.entry_of(order),
        "receipt": Receipt(pk=pk, document=order.document) if order.document else None,
        "told": progress.tell(order, since),
        "mark": since or progress.look_at(order),
        "reach": reach.of(order, request.at),
    }
    name = "content/receipt.html" if order.is_finished else "content/order.html"
    return render(request, name, context)


@require_safe
@administrators_even_after
def order_progress(request: ServerRequest, server: Server, pk: UUID) -> JsonResponse:
    order = get_object_or_404(_watched(server), pk=pk)
    return JsonResponse(asdict(progress.tell(order, Mark.carried_by(request.GET))))


@require_safe
@administrators_even_after
def receipt(request: ServerRequest, server: Server, pk: UUID) -> HttpResponse:
    """The text as it was hashed, byte for byte."""
    written = get_object_or_404(Receipt, server_id=server.pk, pk=pk)
    response = HttpResponse(written.document, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="receipt-{written.order_name}.json"'
    return response


def _kept_receipt(request: ServerRequest, server: Server, pk: UUID) -> HttpResponse:
    receipt = get_object_or_404(Receipt, server_id=server.pk, pk=pk)
    context = {"server": server, "receipt": receipt, "entry": receipts.entry_named_in(receipt)}
    return render(request, "content/kept_receipt.html", context)


def _watched(server: Server) -> QuerySet[Any]:
    """With all that their page shows beside them."""
    gate, written = Gate.objects.filter(pk=server.pk), Receipt.objects.filter(pk=OuterRef("pk"))
    return progress.watched(DeletionOrder.objects.of(server.pk).with_stalled()).annotate(
        waits=Exists(gate.filter(held_since__lt=OuterRef("placed_at"))),
        held_until=gate.values("held_until"),
        document=written.values("document"),
    )


def _number(text: str) -> int | None:
    """The page's key; whatever is none leads to the first page."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 15 else None
