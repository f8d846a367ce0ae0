"""The end of one membership or of several: what it does and cannot do, decided on one page."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Func, IntegerField, OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from audit.vocabulary import Action
from content import actions
from content.forms import RemovalForm
from content.models import AlreadyWithheld, DeletionOrder, EncryptedObject
from content.removal import Removal
from content.scope import EVERYTHING
from enigm_command.lib.answers import answering
from enigm_command.lib.wording import counted
from membership.forms import picked
from membership.models import AlreadyRemoved, Membership
from servers.confirming import asked, is_spent
from servers.edge import ServerRequest, administrators_only
from servers.models import PolicyVersion, Server

MOST = 200  # people who can be removed at once
TOO_LATE = "Another administrator was first with {}: look at what is left."


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def member_removal(request: ServerRequest, server: Server, pk: UUID) -> HttpResponse:
    return _removal(request, [get_object_or_404(_with_sent(request), pk=pk)])


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def member_removals(request: ServerRequest, server: Server) -> HttpResponse:
    """So many do not fit into an address: whom the list has picked is sent to the review, and by
    the review again."""
    chosen = _with_sent(request).filter(pk__in=picked(request, at_most=MOST))
    people = list(chosen.select_related("server").oldest_first())
    if people:
        return _removal(request, people)
    messages.error(request, "Select at least one user first.")
    return redirect("members", server.pk)


def _removal(request: ServerRequest, people: list[Any]) -> HttpResponse:
    goes = sorted(str(member.pk) for member in people)
    form = RemovalForm(
        request.POST if "confirmation" in request.POST else None,
        confirmation=asked(request, Action.MEMBER_REMOVED, *goes),
        objects=sum(member.sent for member in people),
        suggests_deletion=PolicyVersion.objects.in_force(request.server.pk).removal_deletes,
    )
    if is_spent(request, form, Action.MEMBER_REMOVED, *goes):
        return _remove(request, people, form.removal)
    context = {
        "server": request.server,
        "people": people,
        "who": _named(people),
        "form": form,
    }
    return render(request, "content/member_removal.html", context)


def _remove(request: ServerRequest, people: list[Membership], removal: Removal) -> HttpResponse:
    """One act for each person: what one of them had ended already stops no other."""
    removed, orders = [], []
    for member in people:
        late = TOO_LATE.format(member.shown_name)
        with answering(request, {(AlreadyRemoved, AlreadyWithheld): late}):
            order = actions.remove_member(member, removal, by=request.authority)
            removed.append(member)
            orders += [order] if order else []
    if removed:
        messages.success(request, f"Removed: {_named(removed)}. The next request is refused.")
    return _see(request.server, orders)


def _see(server: Server, orders: list[DeletionOrder]) -> HttpResponse:
    if len(orders) == 1:
        return redirect("order", server.pk, orders[0].pk)
    return redirect("orders" if orders else "members", server.pk)


def _named(people: list[Membership]) -> str:
    return people[0].shown_name if len(people) == 1 else counted(len(people), "user")


def _with_sent(request: ServerRequest) -> Any:
    """The members, with how much of each lies in storage."""
    stored = EncryptedObject.objects.covered(request.server.pk, EVERYTHING, request.at)
    theirs = stored.filter(author=OuterRef("handle")).order_by()
    how_many = theirs.values(count=Func("id", function="COUNT", output_field=IntegerField()))
    return Membership.objects.of(request.server).annotate(sent=Subquery(how_many))
