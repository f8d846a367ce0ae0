"""The list of servers that the signed-in person administers, and what waits on each."""

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import Recovery
from membership.models import JoinRequest
from servers.edge import SignedInRequest
from servers.models import Server


@require_safe
def servers(request: SignedInRequest) -> HttpResponse:
    administered = list(Server.objects.for_account(request.user).order_by("created_at"))
    queues = JoinRequest.objects.waiting().filter(server__in=administered)
    counted = queues.values_list("server").annotate(Count("pk"))
    waiting = dict(counted.order_by())
    rows = [(server, waiting.get(server.pk, 0)) for server in administered]
    recoveries = Recovery.objects.running().filter(account=request.user)
    context = {"rows": rows, "recovery": recoveries.first()}
    return render(request, "panel/servers.html", context)
