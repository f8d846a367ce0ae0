"""The proposal to delete all content, where it takes two: refused, or taken back.

Agreeing has no page of its own: the second administrator reviews and confirms the deletion itself.
"""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.proposals import NotOpen
from content import actions, agreements
from enigm_command.lib.answers import answering
from servers.edge import ServerRequest, administrators_only
from servers.models import Server

TOO_LATE = "It was answered or taken back before, or is not yours to answer so."


@require_POST
@administrators_only
def emptying_refusal(request: ServerRequest, server: Server) -> HttpResponse:
    return _answer(request, actions.decline_emptying, "You have declined. Nothing is deleted.")


@require_POST
@administrators_only
def emptying_withdrawal(request: ServerRequest, server: Server) -> HttpResponse:
    return _answer(request, actions.withdraw_emptying, "You have taken it back.")


def _answer(request: ServerRequest, act: Callable[..., None], done: str) -> HttpResponse:
    with answering(request, {NotOpen: TOO_LATE}):
        proposal = agreements.waiting(request.server)
        if proposal is None:
            raise NotOpen
        act(request.server, proposal, by=request.authority)
        messages.success(request, done)
    return redirect("content", request.server.pk)
