"""A server's first page: what waits for its administrators, what is stored, and when it goes."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from audit.models import AuditEvent
from content import agreements, figures
from content.models import DeletionOrder, Withholding
from enigm_command.lib.question import Question, Rows, count
from enigm_command.lib.wording import counted
from enigm_command.panel import first_steps
from membership.models import JoinRequest, Membership
from servers.edge import ServerRequest, administrators_only
from servers.models import Administrator, PolicyVersion, Server

RECENT, CARRIED = 4, 3  # entries of the log, and orders, that the page shows
STANDS = Question(  # who is there and who waits, what is withheld, and the limits
    administrators=lambda server: count(Administrator.objects.filter(server=server)),
    asked_at=lambda server: _queue(server).order_by("asked_at").values("asked_at")[:1],
    emptying_at=lambda server: agreements.open_in(server).values("proposed_at")[:1],
    emptying_by=lambda server: agreements.open_in(server).values("proposed_by__username")[:1],
    media_lifetime=lambda server: PolicyVersion.objects.of(server).values("media_lifetime")[:1],
    members=lambda server: count(Membership.objects.of(server)),
    message_lifetime=lambda server: PolicyVersion.objects.of(server).values("message_lifetime")[:1],
    waiting=lambda server: count(_queue(server)),
    withheld=lambda server: count(Withholding.objects.of(server).in_force()),
)
STANDS_TO_A_NEW_OWNER = Question(**STANDS.parts, **first_steps.PARTS)
UNDER_WAY = Rows(lambda server: _under_way(server).order_by("-number")[: CARRIED + 1])


@require_safe
@administrators_only
def server(request: ServerRequest, server: Server) -> HttpResponse:
    stored = figures.overview(server.pk, request.at)
    orders = UNDER_WAY.find(server=server.pk)
    context = {
        "server": server,
        **_stands(request, server),
        "orders": orders[:CARRIED],
        "has_more_orders": len(orders) > CARRIED,
        "stored": stored,
        "room": stored.room,
        "oldest_age": _age(stored),
        "recent": AuditEvent.objects.of(server.pk).newest_first()[:RECENT].disclosed(),
        "join_url": settings.SITE_URL + reverse("join", args=[server.locator]),
    }
    return render(request, "panel/server.html", context)


def _stands(request: ServerRequest, server: Server) -> dict[str, Any]:
    if not first_steps.are_open_to(request.authority):
        return STANDS.ask(server=server.pk)
    found = STANDS_TO_A_NEW_OWNER.ask(server=server.pk, owner=request.user.pk)
    return {**found, "first_steps": first_steps.told(server, found)}


def _under_way(server_id: UUID) -> QuerySet[DeletionOrder]:
    return DeletionOrder.objects.of(server_id).filter(finished_at=None)


def _queue(server_id: UUID) -> QuerySet[JoinRequest]:
    return JoinRequest.objects.of(server_id).waiting()


def _age(stored: figures.Figures) -> str:
    """In whole days, which is all that matters against a limit of thirty."""
    if stored.oldest_at is None:
        return "none"
    days = (stored.at - stored.oldest_at).days
    return counted(days, "day") if days else "<1 day"
