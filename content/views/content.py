"""What a server holds: numbers only. There are no names of files and no text to show."""

from datetime import date, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from content import agreements, figures, words
from content.models import Withholding
from enigm_command.lib.question import Rows
from servers.edge import ServerRequest, administrators_only
from servers.models import Server

STANDING = Rows(lambda server: Withholding.objects.of(server).in_force().order_by("-number"))
SPANS = ((1, "today or tomorrow"), (7, "within 7 days"), (30, "within 30 days"))


@require_safe
@administrators_only
def content(request: ServerRequest, server: Server) -> HttpResponse:
    stored = figures.with_losses(server.pk)
    context = {
        "server": server,
        "stored": stored,
        "room": stored.room,
        "kinds": stored.kinds,
        "spans": _spans(stored.per_day),
        "withheld": _withheld(server),
        "emptying": agreements.waiting(server),
    }
    return render(request, "content/content.html", context)


def _withheld(server: Server) -> list[tuple[Withholding, str]]:
    """What is kept from everyone now, the newest first, and what each reaches in words."""
    standing = STANDING.find(server=server.pk)
    scopes = words.describe(server.pk, [each.scope for each in standing])
    return list(zip(standing, scopes, strict=True))


def _spans(per_day: list[tuple[date, int]]) -> list[tuple[str, int]]:
    """How many objects go by then; each span holds the one before it."""
    today = per_day[0][0]
    return [
        (words, sum(held for day, held in per_day if day - today <= timedelta(days=days)))
        for days, words in SPANS
    ]
