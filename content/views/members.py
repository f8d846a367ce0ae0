"""The users of a server, and the end of one membership or of several."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms import ConfirmingForm
from accounts.stepup import fresh_factor
from audit.vocabulary import Action
from content import actions
from content.models import DeletionOrder, EncryptedObject
from content.scope import Scope
from enigm_command.lib import clock, paging
from enigm_command.lib.answers import answering
from enigm_command.lib.wording import counted
from membership.models import AlreadyRemoved, Membership
from servers.confirming import asked, is_spent
from servers.edge import ServerRequest, administrators_only
from servers.models import PolicyVersion, Server

WITH_CONTENT = "with what they have sent"
TOO_LATE = "Another administrator was first: {} had been removed already."


@require_safe
@administrators_only
def members(request: ServerRequest, server: Server) -> HttpResponse:
    admitted = Membership.objects.of(server)
    page = paging.page(admitted, by="since", after=request.GET.get("after", ""))
    context = {"server": server, "page": page, "people": admitted.count()}
    return render(request, "content/members.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def member_removal(request: ServerRequest, server: Server, pk: UUID) -> HttpResponse:
    member = get_object_or_404(Membership, server=server, pk=pk)
    return _removal(request, [member])


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def member_removals(request: ServerRequest, server: Server) -> HttpResponse:
    """Those who were picked stand in the address, for the review and for the form on it."""
    picked = list(Membership.objects.of(server).filter(pk__in=_picked(request)).oldest_first())
    if picked:
        return _removal(request, picked)
    messages.error(request, "Select at least one user first.")
    return redirect("members", server.pk)


def _removal(request: ServerRequest, people: list[Membership]) -> HttpResponse:
    if request.POST.get("sent") == "keep":
        return _remove_alone(request, people)
    goes = [WITH_CONTENT, *sorted(str(member.pk) for member in people)]
    confirmation = asked(request, Action.MEMBER_REMOVED, *goes)
    form = ConfirmingForm(request.POST or None, confirmation=confirmation)
    if not is_spent(request, form, Action.MEMBER_REMOVED, *goes):
        return _review(request, people, form)
    return _remove(request, people, delete_content=True)


@fresh_factor
def _remove_alone(request: ServerRequest, people: list[Membership]) -> HttpResponse:
    return _remove(request, people, delete_content=False)


def _review(request: ServerRequest, people: list[Membership], form: ConfirmingForm) -> HttpResponse:
    sent = [_sent(member) for member in people]
    context = {
        "server": request.server,
        "policy": PolicyVersion.objects.in_force(request.server.pk),
        "people": list(zip(people, sent, strict=True)),
        "who": _named(people),
        "objects": sum(sent),
        "form": form,
    }
    return render(request, "content/member_removal.html", context)


def _remove(
    request: ServerRequest, people: list[Membership], *, delete_content: bool
) -> HttpResponse:
    """One act for each person: what one of them had ended already stops no other."""
    removed, orders = [], []
    for member in people:
        with answering(request, {AlreadyRemoved: TOO_LATE.format(member.shown_name)}):
            order = actions.remove_member(
                member, delete_content=delete_content, by=request.authority
            )
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


def _sent(member: Membership) -> int:
    scope = Scope(author=member.handle)
    return EncryptedObject.objects.covered(member.server_id, scope, clock.now()).count()


def _picked(request: ServerRequest) -> list[UUID]:
    """At most a page of ids; what is no id picks nobody."""
    found = []
    for text in request.GET.getlist("pick")[: paging.SIZE]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
