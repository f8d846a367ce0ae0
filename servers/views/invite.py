"""The Server ID, in every form in which it can be given to people, and how it is replaced."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms import ConfirmingForm
from audit.vocabulary import Action
from enigm_command.lib.answers import answering
from servers import actions
from servers.confirming import asked, is_spent
from servers.edge import ServerRequest, administrators_only
from servers.models import Server
from servers.models.server import AlreadyRotated

WORDS = (
    "Open the Enigm app and ask to join with this Server ID: {locator}\n"
    "Or open {link}\n"
    "You see nothing until an administrator has approved you."
)
TOO_LATE = "Another administrator replaced it first. This is the new one."


@require_safe
@administrators_only
def invite(request: ServerRequest, server: Server) -> HttpResponse:
    link = _link(server)
    words = WORDS.format(locator=server.locator, link=link)
    return render(request, "servers/invite.html", {"server": server, "link": link, "words": words})


@require_safe
@administrators_only
def invite_print(request: ServerRequest, server: Server) -> HttpResponse:
    return render(request, "servers/invite_print.html", {"server": server, "link": _link(server)})


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def server_id_rotation(request: ServerRequest, server: Server) -> HttpResponse:
    shown = str(server.locator)
    confirmation = asked(request, Action.SERVER_ID_ROTATED, shown)
    form = ConfirmingForm(request.POST or None, confirmation=confirmation)
    if not is_spent(request, form, Action.SERVER_ID_ROTATED, shown):
        return render(request, "servers/server_id_rotation.html", {"server": server, "form": form})
    with answering(request, {AlreadyRotated: TOO_LATE}):
        actions.rotate_server_id(server, by=request.authority)
        messages.success(request, "This is the new Server ID. The old one finds nothing any more.")
    return redirect("invite", server.pk)


def _link(server: Server) -> str:
    return settings.SITE_URL + reverse("join", args=[server.locator])
