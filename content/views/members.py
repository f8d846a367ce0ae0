"""The users of a server, one of them, and those who were users."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from content.former import with_content
from content.models import Withholding
from content.scope import ANY_KIND
from content.views.removal import MOST
from enigm_command.lib import paging
from membership.models import Block, Membership
from membership.search import Search, searched_by_name
from servers.edge import ServerRequest, administrators_only
from servers.models import Server


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
@searched_by_name
def members(request: ServerRequest, server: Server) -> HttpResponse:
    search, admitted = Search.of(request), Membership.objects.of(server)
    size = MOST if request.GET.get("rows") == str(MOST) else paging.SIZE
    after = request.GET.get("after", "")
    page = paging.page(search.apply(admitted), by="since", after=after, size=size)
    context = {
        "server": server,
        "search": search,
        "page": page,
        "rows": f"rows={size}&" if size == MOST else "",
        "most": MOST,
        "people": admitted.count(),
        "withheld": _withheld(server, page.rows),
    }
    return render(request, "content/members.html", context)


@require_safe
@administrators_only
def member(request: ServerRequest, server: Server, pk: UUID) -> HttpResponse:
    member = get_object_or_404(Membership, server=server, pk=pk)
    context = {"server": server, "member": member, "withheld": _withheld(server, [member])}
    return render(request, "content/member.html", context)


@require_safe
@administrators_only
def former_members(request: ServerRequest, server: Server) -> HttpResponse:
    page = paging.page(with_content(server), by="-ended_at", after=request.GET.get("after", ""))
    handles = [former.handle for former in page.rows]
    blocked = Block.objects.of(server).in_force().filter(handle__in=handles)
    context = {
        "server": server,
        "page": page,
        "blocked": set(blocked.values_list("handle", flat=True)),
    }
    return render(request, "content/former_members.html", context)


def _withheld(server: Server, people: list[Membership]) -> set[UUID]:
    """The handles of those of whom everything is withheld."""
    in_force = Withholding.objects.of(server.pk).in_force().filter(kind=ANY_KIND)
    handles = [member.handle for member in people]
    return set(in_force.filter(author__in=handles).values_list("author", flat=True))
