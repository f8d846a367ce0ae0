"""Letting a server run dry, and calling that off."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.stepup import fresh_factor
from audit.vocabulary import Action, Capacity
from content.figures import counted
from enigm_command.lib.answers import answering
from lifecycle import actions
from lifecycle.forms import EndingForm
from lifecycle.models import AlreadyInForce, NothingToLift, NotInThisStanding, Retirement
from servers.confirming import asked, is_spent
from servers.edge import ServerRequest, administrators_only
from servers.models import Server

ENDING = "The server retires or is deleted already."
NOT_YOURS = "There is no retirement of yours that can be called off."


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def retirement(request: ServerRequest, server: Server) -> HttpResponse:
    confirmation = asked(request, Action.SERVER_RETIRED)
    form = EndingForm(request.POST or None, server=server, confirmation=confirmation)
    if not is_spent(request, form, Action.SERVER_RETIRED):
        return _review(request, server, form)
    with answering(request, {(AlreadyInForce, NotInThisStanding): ENDING}):
        actions.retire_server(server, by=request.authority)
        messages.success(request, "The server retires. Nobody can join or send there now.")
    return redirect("endings", server.pk)


@require_POST
@administrators_only
@fresh_factor
def retirement_calling_off(request: ServerRequest, server: Server) -> HttpResponse:
    with answering(request, {(NothingToLift, NotInThisStanding): NOT_YOURS}):
        actions.call_off_retirement(server, by=request.authority)
        messages.success(request, "The retirement is called off. The server lives on.")
    return redirect("endings", server.pk)


def _review(request: ServerRequest, server: Server, form: EndingForm) -> HttpResponse:
    context = {
        "server": server,
        "form": form,
        "retirement": Retirement.objects.open().filter(server=server).first(),
        "figures": counted(server.pk),
        "is_owner": request.authority.capacity == Capacity.OWNER,
    }
    return render(request, "lifecycle/retirement.html", context)
