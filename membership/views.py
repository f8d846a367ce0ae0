"""The queue of join requests, and the answers to it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from enigm_command.lib import paging, wording
from enigm_command.lib.answers import answering
from servers.edge import ServerRequest, administrators_only
from servers.models import Server

from . import actions
from .models import AlreadyDecided, JoinRequest, NotTakingMembers

TOO_LATE = "Another administrator answered first, or the request ended."
NOT_NOW = "Nobody can join while the server is not active. The request still waits."


@require_safe
@administrators_only
def join_requests(request: ServerRequest, server: Server) -> HttpResponse:
    queue = JoinRequest.objects.of(server).waiting()
    page = paging.page(queue, by="asked_at", after=request.GET.get("after", ""))
    return render(request, "membership/join_requests.html", {"server": server, "page": page})


@require_POST
@administrators_only
def approval(request: ServerRequest, server: Server, pk: UUID) -> HttpResponse:
    join_request = get_object_or_404(JoinRequest, server=server, pk=pk)
    with answering(request, {AlreadyDecided: TOO_LATE, NotTakingMembers: NOT_NOW}):
        actions.approve_join_request(join_request, by=request.authority)
        messages.success(request, f"{join_request.shown_name} is now a member.")
    return redirect("join-requests", server.pk)


@require_POST
@administrators_only
def rejection(request: ServerRequest, server: Server, pk: UUID) -> HttpResponse:
    join_request = get_object_or_404(JoinRequest, server=server, pk=pk)
    with answering(request, {AlreadyDecided: TOO_LATE}):
        actions.reject_join_request(join_request, by=request.authority)
        messages.success(request, f"The request of {join_request.shown_name} is rejected.")
    return redirect("join-requests", server.pk)


@require_POST
@administrators_only
def approvals(request: ServerRequest, server: Server) -> HttpResponse:
    with answering(request, {NotTakingMembers: NOT_NOW}):
        _answer_picked(request, server, actions.approve_join_request, "approved")
    return redirect("join-requests", server.pk)


@require_POST
@administrators_only
def rejections(request: ServerRequest, server: Server) -> HttpResponse:
    _answer_picked(request, server, actions.reject_join_request, "rejected")
    return redirect("join-requests", server.pk)


def _answer_picked(
    request: ServerRequest, server: Server, act: Callable[..., Any], done: str
) -> None:
    """Answer each request that was picked by an act of its own, and say how many were in time."""
    picked = JoinRequest.objects.of(server).filter(pk__in=_picked(request))
    outcomes = [_in_time(act, join_request, request) for join_request in picked]
    answered, late = outcomes.count(True), outcomes.count(False)
    if answered:
        messages.success(request, f"{wording.counted(answered, 'request')} {done}.")
    if late:
        messages.warning(request, f"{wording.counted(late, 'request')} had an answer or had ended.")
    if not outcomes:
        messages.error(request, "Select at least one request first.")


def _in_time(act: Callable[..., Any], join_request: JoinRequest, request: ServerRequest) -> bool:
    try:
        act(join_request, by=request.authority)
    except AlreadyDecided:
        return False
    return True


def _picked(request: ServerRequest) -> list[UUID]:
    """The ids in the form, at most a page of them; what is no id picks nothing."""
    found = []
    for text in request.POST.getlist("pick")[: paging.SIZE]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
