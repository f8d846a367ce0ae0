"""Does this server keep its limit? Every number on the page is looked up as it is shown."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from content import figures
from content.retention import OVERDUE, measured
from servers.edge import ServerRequest, administrators_only
from servers.models import PolicyVersion, Server


@require_safe
@administrators_only
def retention(request: ServerRequest, server: Server) -> HttpResponse:
    context = {
        "server": server,
        "retention": measured(server.pk),
        "overdue": OVERDUE,
        "policy": PolicyVersion.objects.in_force(server.pk),
        "horizons": figures.per_day_by_kind(server.pk),
    }
    return render(request, "content/retention.html", context)
