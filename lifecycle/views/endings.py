"""How a server stands and why, and what holds it back: suspending and resuming it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.stepup import fresh_factor
from audit.vocabulary import Capacity
from enigm_command.lib.answers import answering
from lifecycle import actions
from lifecycle.causes import PURPOSES, cause_of, effects, open_records
from lifecycle.forms import SuspensionForm
from lifecycle.models import AlreadyInForce, Hold, NothingToLift, Party, Retirement, Suspension
from servers.edge import ServerRequest, administrators_only
from servers.models import PolicyVersion, Server


@require_safe
@administrators_only
def endings(request: ServerRequest, server: Server) -> HttpResponse:
    records = open_records(server)
    holds = list(Hold.objects.of(server.pk).open().order_by("placed_at"))
    suspensions = [each for each in records if isinstance(each, Suspension)]
    context = {
        "server": server,
        "causes": [cause_of(each) for each in records],
        "holds": [each for each in holds if not each.confidential],
        "erasure_is_pending": bool(holds),
        "purposes": PURPOSES.values(),
        "effects": list(effects()),
        "policy": None if server.is_deleting else PolicyVersion.objects.in_force(server.pk),
        "suspended": any(each.party == Party.SERVER for each in suspensions),
        "retirement": next((each for each in records if isinstance(each, Retirement)), None),
        "is_owner": request.authority.capacity == Capacity.OWNER,
    }
    return render(request, "lifecycle/endings.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
@fresh_factor
def suspension(request: ServerRequest, server: Server) -> HttpResponse:
    form = SuspensionForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render(request, "lifecycle/suspension.html", {"server": server, "form": form})
    with answering(request, {AlreadyInForce: "The server is suspended already."}):
        actions.suspend_server(server, reason=form.cleaned_data["reason"], by=request.authority)
        messages.success(request, "The server is suspended. Nobody can read or write there now.")
    return redirect("settings", server.pk)


@require_POST
@administrators_only
@fresh_factor
def resumption(request: ServerRequest, server: Server) -> HttpResponse:
    with answering(request, {NothingToLift: "No administrator has suspended this server."}):
        actions.resume_server(server, by=request.authority)
        messages.success(request, "The server is resumed.")
    return redirect("settings", server.pk)
