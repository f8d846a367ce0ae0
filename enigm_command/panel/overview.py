"""A server's first page: what waits for its administrators, what is stored, and when it goes."""

from datetime import datetime

from django.conf import settings
from django.db.models import Count, Min
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from audit.models import AuditEvent
from content import agreements, figures
from content.models import DeletionOrder, Withholding
from enigm_command.lib.wording import counted
from membership.models import JoinRequest, Membership
from servers.edge import ServerRequest, administrators_only
from servers.models import PolicyVersion, Server

RECENT = 4


@require_safe
@administrators_only
def server(request: ServerRequest, server: Server) -> HttpResponse:
    queue = JoinRequest.objects.of(server).waiting()
    stored = figures.overview(server.pk)
    context = {
        "server": server,
        "waiting": queue.aggregate(people=Count("pk"), oldest=Min("asked_at")),
        "orders": DeletionOrder.objects.of(server.pk).filter(finished_at=None),
        "withheld": Withholding.objects.of(server.pk).in_force().count(),
        "emptying": agreements.waiting(server),
        "members": Membership.objects.of(server).count(),
        "administrators": server.administrators.count(),
        "policy": PolicyVersion.objects.in_force(server.pk),
        "stored": stored,
        "oldest_age": _age(stored.oldest_received_at),
        "recent": AuditEvent.objects.of(server.pk).newest_first()[:RECENT].disclosed(),
        "join_url": settings.SITE_URL + reverse("join", args=[server.locator]),
    }
    return render(request, "panel/server.html", context)


def _age(received_at: datetime | None) -> str:
    """In whole days, which is all that matters against a limit of thirty."""
    if received_at is None:
        return "none"
    days = (timezone.now() - received_at).days
    return counted(days, "day") if days else "<1 day"
