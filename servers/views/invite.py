"""The Server ID, in every form in which it can be given to people."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from servers.edge import ServerRequest, administrators_only
from servers.models import Server

WORDS = (
    "Open the Enigm app and ask to join with this Server ID: {locator}\n"
    "Or open {link}\n"
    "You see nothing until an administrator has approved you."
)


@require_safe
@administrators_only
def invite(request: ServerRequest, server: Server) -> HttpResponse:
    link = settings.SITE_URL + reverse("join", args=[server.locator])
    words = WORDS.format(locator=server.locator, link=link)
    return render(request, "servers/invite.html", {"server": server, "link": link, "words": words})
