"""The users of a server, and the end of a membership."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts import stepup
from content import actions
from content.forms import RemovalForm
from content.models import DeletionOrder, EncryptedObject
from content.scope import Scope
from enigm_command.lib import clock, paging
from membership.models import AlreadyRemoved, Membership
from servers.edge import ServerRequest, administrators_only
from servers.models import Server


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
    form = RemovalForm(request.POST or None)
    if not form.is_valid():
        return _review(request, member, form)
    if not stepup.verify(request, form.cleaned_data["code"]):
        form.add_error("code", stepup.refusal(request))
        return _review(request, member, form)
    try:
        order = actions.remove_member(
            member, delete_content=form.cleaned_data["sent"] == "delete", by=request.authority
        )
    except AlreadyRemoved:
        messages.warning(request, "Another administrator was first: this user is removed already.")
        return redirect("members", server.pk)
    return _removed(request, member, order)


def _review(request: ServerRequest, member: Membership, form: RemovalForm) -> HttpResponse:
    sent = EncryptedObject.objects.covered(
        member.server_id, Scope(author=member.handle), clock.now()
    )
    context = {
        "server": request.server,
        "member": member,
        "form": form,
        "sent": sum(kind.objects for kind in sent.counted_by_kind()),
    }
    return render(request, "content/member_removal.html", context)


def _removed(
    request: ServerRequest, member: Membership, order: DeletionOrder | None
) -> HttpResponse:
    messages.success(request, f"{member.shown_name} is removed. Their next request is refused.")
    if order is None:
        return redirect("members", member.server_id)
    return redirect("order", member.server_id, order.pk)
