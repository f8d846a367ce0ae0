"""Vouching for a fellow administrator, and calling a recovery off."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.proposals import NotOpen
from accounts.recovery_forms import SpokenCodeForm, VouchingForm
from audit.vocabulary import Action
from enigm_command.lib import throttle
from enigm_command.lib.answers import answering
from servers import actions
from servers.confirming import asked, is_spent
from servers.edge import ServerRequest, administrators_only
from servers.models import Server
from servers.vouching import asking, concerning

UNKNOWN = "No administrator of this server waits with this code. Ask them to read it to you again."


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def vouching(request: ServerRequest, server: Server) -> HttpResponse:
    form = SpokenCodeForm(request.POST or None)
    if form.is_valid():
        throttle.hit("vouch", str(request.user.pk))
        called = asking(server, request.user.pk).called(form.cleaned_data["spoken"])
        if recovery := called.first():
            return redirect("vouch", server.pk, recovery.pk)
        form.add_error("spoken", UNKNOWN)
    context = {"server": server, "form": form, "running": concerning(server).running()}
    return render(request, "servers/vouching.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def vouch(request: ServerRequest, server: Server, pk: UUID) -> HttpResponse:
    recovery = get_object_or_404(asking(server, request.user.pk), pk=pk)
    confirmation = asked(request, Action.ADMINISTRATOR_VOUCHED, str(pk))
    form = VouchingForm(request.POST or None, confirmation=confirmation)
    if not is_spent(request, form, Action.ADMINISTRATOR_VOUCHED, str(pk)):
        context = {"server": server, "form": form, "recovery": recovery}
        return render(request, "servers/vouch.html", context)
    with answering(request, {NotOpen: "Another administrator was first, or it has ended."}):
        actions.vouch_for_administrator(recovery, server, by=request.authority)
        messages.success(request, "You have vouched. The 72 hours have begun.")
    return redirect("vouching", server.pk)


@require_POST
@administrators_only
def recovery_calling_off(request: ServerRequest, server: Server, pk: UUID) -> HttpResponse:
    recovery = get_object_or_404(concerning(server), pk=pk)
    with answering(request, {NotOpen: "It has ended already."}):
        actions.call_off_recovery(recovery, server, by=request.authority)
        messages.success(request, "The recovery is called off. Nothing was changed.")
    return redirect("vouching", server.pk)
