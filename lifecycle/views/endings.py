"""Suspending, resuming and deleting a server: each reviewed on a page of its own."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.stepup import fresh_factor
from audit.vocabulary import Action, Capacity
from content.figures import overview
from lifecycle import actions
from lifecycle.forms import ServerDeletionForm, SuspensionForm
from lifecycle.models import AlreadyInForce, NothingToLift, ServerDeletion
from membership.models import Membership
from servers.confirming import asked, is_spent
from servers.edge import ServerRequest, administrators_only
from servers.models import PolicyVersion, Server


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
@fresh_factor
def suspension(request: ServerRequest, server: Server) -> HttpResponse:
    form = SuspensionForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render(request, "lifecycle/suspension.html", {"server": server, "form": form})
    try:
        actions.suspend_server(server, reason=form.cleaned_data["reason"], by=request.authority)
    except AlreadyInForce:
        messages.warning(request, "The server is suspended already.")
    else:
        messages.success(request, "The server is suspended. Nobody can read or write there now.")
    return redirect("settings", server.pk)


@require_POST
@administrators_only
@fresh_factor
def resumption(request: ServerRequest, server: Server) -> HttpResponse:
    try:
        actions.resume_server(server, by=request.authority)
    except NothingToLift:
        messages.warning(request, "No administrator has suspended this server.")
    else:
        messages.success(request, "The server is resumed.")
    return redirect("settings", server.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def server_deletion(request: ServerRequest, server: Server) -> HttpResponse:
    delay = PolicyVersion.objects.in_force(server.pk).deletion_delay
    confirmation = asked(request, Action.SERVER_DELETION_ORDERED, str(delay))
    form = ServerDeletionForm(request.POST or None, server=server, confirmation=confirmation)
    if not is_spent(request, form, Action.SERVER_DELETION_ORDERED, str(delay)):
        return _review(request, server, form, delay)
    try:
        actions.order_server_deletion(server, by=request.authority)
    except AlreadyInForce:
        messages.warning(request, "The deletion of this server is ordered already.")
    else:
        messages.success(request, "The deletion is ordered. Nobody can read or write there now.")
    return redirect("server-deletion", server.pk)


@require_POST
@administrators_only
def server_deletion_calling_off(request: ServerRequest, server: Server) -> HttpResponse:
    try:
        actions.call_off_server_deletion(server, by=request.authority)
    except NothingToLift:
        messages.warning(request, "There is no deletion that can still be called off.")
    else:
        messages.success(request, "The deletion is called off. The server is as it was.")
    return redirect("settings", server.pk)


def _review(
    request: ServerRequest, server: Server, form: ServerDeletionForm, delay: timedelta
) -> HttpResponse:
    deletion = ServerDeletion.objects.open().filter(server=server).first()
    context = {
        "server": server,
        "form": None if deletion else form,
        "deletion": deletion,
        "delay": delay,
        "figures": overview(server.pk),
        "members": Membership.objects.of(server).count(),
        "is_owner": request.authority.capacity == Capacity.OWNER,
    }
    return render(request, "lifecycle/server_deletion.html", context)
