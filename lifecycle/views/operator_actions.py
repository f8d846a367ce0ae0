"""What the platform's operators did with a server, for those who administer it."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit.models import AuditEvent
from enigm_command.lib.clock import ClockNow
from enigm_command.lib.paging import SIZE
from lifecycle import agreements
from lifecycle.models.records import reason_label
from servers.edge import ServerRequest, administrators_even_after
from servers.models import Server

PERIOD = timedelta(days=90)


@require_safe
@administrators_even_after
def operator_actions(request: ServerRequest, server: Server) -> HttpResponse:
    theirs = AuditEvent.objects.of(server.pk).by_operators()
    lately = theirs.filter(filed_at__gt=ClockNow() - PERIOD)
    listed = lately.acts().newest_first()[: SIZE + 1].disclosed()
    context = {
        "server": server,
        "count": lately.acts().taken().count(),
        "views": lately.views().count(),
        "acts": [(event, _grounds(event)) for event in listed[:SIZE]],
        "more": len(listed) > SIZE,
        "proposals": agreements.asked_of_operators(server),
    }
    return render(request, "lifecycle/operator_actions.html", context)


def _grounds(event: AuditEvent) -> str:
    """The reason from the list, in full."""
    return reason_label(event.data.get("reason", ""))
