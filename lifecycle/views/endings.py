"""Suspending, resuming and deleting a server: each reviewed on a page of its own."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts import stepup
from audit.vocabulary import Capacity
from content.figures import overview
from lifecycle import actions
from lifecycle.forms import ServerDeletionForm, SuspensionForm
from lifecycle.models import AlreadyInForce, NothingToLift, ServerDeletion
from membership.models import Membership
from servers.edge import ServerRequest, administrators_only
from servers.models import PolicyVersion, Server


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
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
    form = ServerDeletionForm(request.POST or None, server=server)
    if not form.is_valid():
        return _review(request, server, form)
    if not stepup.verify(request, form.cleaned_data["code"]):
        form.add_error("code", stepup.refusal(request))
        return _review(request, server, form)
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


def _review(request: ServerRequest, server: Server, form: ServerDeletionForm) -> HttpResponse:
    context = {
        "server": server,
        "form": form,
        "deletion": ServerDeletion.objects.open().filter(server=server).first(),
        "delay": PolicyVersion.objects.in_force(server.pk).deletion_delay,
        "figures": overview(server.pk),
        "members": Membership.objects.of(server).count(),
        "is_owner": request.authority.capacity == Capacity.OWNER,
    }
    return render(request, "lifecycle/server_deletion.html", context)
