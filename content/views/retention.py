"""Does this server keep its limit? Every number on the page is looked up as it is shown."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from content.retention import OVERDUE, measured
from content.scope import Kind
from enigm_command.lib.question import Rows
from servers.edge import ServerRequest, administrators_only
from servers.models import PolicyVersion, Server

POLICY = Rows(lambda server: PolicyVersion.objects.of(server)[:1])


@require_safe
@administrators_only
def retention(request: ServerRequest, server: Server) -> HttpResponse:
    found = measured(server.pk)
    context = {
        "server": server,
        "retention": found,
        "overdue": OVERDUE,
        "policy": POLICY.find(server=server.pk)[0],
        "horizons": [(kind.label, found.stored.of_kind(kind).per_day) for kind in Kind],
    }
    return render(request, "content/retention.html", context)
