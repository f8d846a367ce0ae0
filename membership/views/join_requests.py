"""Those who ask to join: who waits, who was answered, and the answers."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from enigm_command.lib import paging, wording
from enigm_command.lib.answers import answering
from membership import actions
from membership.forms import picked
from membership.models import AlreadyDecided, JoinRequest, NotTakingMembers
from membership.search import Search, searched_by_name
from servers.edge import ServerRequest, administrators_only
from servers.models import Server

TOO_LATE = "Another administrator answered first, or the request ended."
NOT_NOW = "Nobody can join while the server is not active. The request still waits."
Grounds = JoinRequest.Grounds


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
@searched_by_name
def join_requests(request: ServerRequest, server: Server) -> HttpResponse:
    search = Search.of(request)
    waiting = search.apply(JoinRequest.objects.of(server).waiting())
    page = paging.page(waiting, by="asked_at", after=request.GET.get("after", ""))
    before = JoinRequest.objects.earlier(server, [asking.handle for asking in page.rows])
    context = {
        "server": server,
        "search": search,
        "page": page,
        "rows": [(asking, before.get(asking.handle, 0)) for asking in page.rows],
        "grounds": Grounds.choices,
    }
    return render(request, "membership/join_requests.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
@searched_by_name
def join_requests_decided(request: ServerRequest, server: Server) -> HttpResponse:
    search = Search.of(request)
    decided = search.apply(JoinRequest.objects.of(server).decided())
    page = paging.page(decided, by="-decided_at", after=request.GET.get("after", ""))
    context = {"server": server, "search": search, "page": page}
    return render(request, "membership/join_requests_decided.html", context)


@require_POST
@administrators_only
def approval(request: ServerRequest, server: Server, pk: UUID) -> HttpResponse:
    join_request = get_object_or_404(JoinRequest, server=server, pk=pk)
    with answering(request, {AlreadyDecided: TOO_LATE, NotTakingMembers: NOT_NOW}):
        actions.approve_join_request(join_request, by=request.authority)
        messages.success(request, f"{join_request.shown_name} is now a user of this server.")
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
    reject = partial(actions.reject_join_request, grounds=_grounds(request))
    _answer_picked(request, server, reject, "rejected")
    return redirect("join-requests", server.pk)


def _answer_picked(
    request: ServerRequest, server: Server, act: Callable[..., Any], done: str
) -> None:
    """Answer each request that was picked by an act of its own, and say how many were in time."""
    chosen = JoinRequest.objects.of(server).filter(pk__in=picked(request, at_most=paging.SIZE))
    outcomes = [_in_time(act, join_request, request) for join_request in chosen]
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


def _grounds(request: ServerRequest) -> Grounds:
    """The reason that was chosen; what is none of them is none."""
    chosen = request.POST.get("grounds", "")
    return Grounds(chosen) if chosen in Grounds.values else Grounds.UNSTATED
