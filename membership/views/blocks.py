"""Who is kept from asking again, and the end of it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enigm_command.lib import paging
from membership import actions
from membership.forms import BlockForm
from membership.models import AlreadyLifted, Block, FormerMember
from servers.edge import ServerRequest, administrators_only
from servers.models import Server

BLOCKED = "Handle {} is kept from asking again."
LIFTED = "The block on handle {} is lifted. They may ask to join again."
TOO_LATE = "The block had ended already."


@require_safe
@administrators_only
def blocks(request: ServerRequest, server: Server) -> HttpResponse:
    in_force = Block.objects.of(server).in_force()
    page = paging.page(in_force, by="-made_at", after=request.GET.get("after", ""))
    return render(request, "membership/blocks.html", {"server": server, "page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def block(request: ServerRequest, server: Server, pk: UUID) -> HttpResponse:
    former = get_object_or_404(FormerMember, server=server, pk=pk)
    form = BlockForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {"server": server, "former": former, "form": form}
        return render(request, "membership/block.html", context)
    until, reason = form.cleaned_data["until"], form.cleaned_data["reason"]
    actions.block_former_member(former, until=until, reason=reason, by=request.authority)
    messages.success(request, BLOCKED.format(former.short_handle))
    return redirect("blocks", server.pk)


@require_POST
@administrators_only
def block_lifting(request: ServerRequest, server: Server, pk: UUID) -> HttpResponse:
    """Its row goes with it, so one that was lifted before is like one that never was."""
    try:
        block = Block.objects.of(server).get(pk=pk)
        actions.lift_block(block, by=request.authority)
    except (Block.DoesNotExist, AlreadyLifted):
        messages.warning(request, TOO_LATE)
    else:
        messages.success(request, LIFTED.format(block.short_handle))
    return redirect("blocks", server.pk)
