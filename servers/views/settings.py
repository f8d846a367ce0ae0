"""A server's settings: its name, who administers it, its policy, and how to end it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from servers import actions
from servers.edge import ServerRequest, administrators_only
from servers.forms import NameForm
from servers.models import PolicyVersion, Server


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def settings(request: ServerRequest, server: Server) -> HttpResponse:
    form = NameForm(request.POST or None, initial={"name": server.name})
    if not form.is_valid():
        return _page(request, server, form)
    actions.rename_server(server, form.cleaned_data["name"], by=request.authority)
    messages.success(request, "The server has its new name.")
    return redirect("settings", server.pk)


def _page(request: ServerRequest, server: Server, form: NameForm) -> HttpResponse:
    context = {
        "server": server,
        "form": form,
        "administrators": server.administrators.select_related("account").order_by("since"),
        "policy": PolicyVersion.objects.in_force(server.pk),
    }
    return render(request, "servers/settings.html", context)
