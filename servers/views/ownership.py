"""Handing a server over: to a fellow administrator, or to somebody by invitation."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import ConfirmingForm
from accounts.proposals import NotOpen
from audit.vocabulary import Action, Capacity
from enigm_command.lib import throttle
from enigm_command.lib.answers import answering
from servers import actions
from servers.administration_forms import AcceptanceForm, OwnerInvitationForm
from servers.confirming import asked, is_spent
from servers.edge import ServerRequest, administrators_only, owners_only
from servers.models import Invitation, Server
from servers.ownership import AlreadyOffered, current
from servers.purchase import terms
from servers.views.administrators import made

OFFERED = "You have offered it to somebody already. Take that back first."
OVER = "The offer was answered or taken back, or its week is over."


@require_safe
@administrators_only
def ownership(request: ServerRequest, server: Server) -> HttpResponse:
    others = server.administrators.exclude(account=server.owner_id).select_related("account")
    invited = Invitation.objects.open().filter(server=server, capacity=Invitation.Capacity.OWNER)
    context = {
        "server": server,
        "heirs": others.order_by("since"),
        "offer": current(server),
        "invitations": invited,
        "is_owner": request.authority.capacity == Capacity.OWNER,
    }
    return render(request, "servers/ownership.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@owners_only(Action.OWNERSHIP_OFFERED)
def ownership_offer(request: ServerRequest, server: Server, pk: UUID) -> HttpResponse:
    others = server.administrators.exclude(account=request.user).select_related("account")
    heir = get_object_or_404(others, pk=pk)
    confirmation = asked(request, Action.OWNERSHIP_OFFERED, str(pk))
    form = ConfirmingForm(request.POST or None, confirmation=confirmation)
    if not is_spent(request, form, Action.OWNERSHIP_OFFERED, str(pk)):
        context = {"server": server, "form": form, "heir": heir}
        return render(request, "servers/ownership_offer.html", context)
    with answering(request, {AlreadyOffered: OFFERED}):
        actions.offer_ownership(heir, by=request.authority)
        messages.success(request, f"{heir.account} can take the server over within seven days.")
    return redirect("ownership", server.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def ownership_acceptance(request: ServerRequest, server: Server) -> HttpResponse:
    offer = current(server)
    if offer is None or offer.heir.account_id != request.user.pk:
        messages.warning(request, OVER)
        return redirect("ownership", server.pk)
    parts = (str(offer.proposal.pk), terms.VERSION)
    confirmation = asked(request, Action.SERVER_HANDED_OVER, *parts)
    form = AcceptanceForm(request.POST or None, confirmation=confirmation)
    if not is_spent(request, form, Action.SERVER_HANDED_OVER, *parts):
        context = {"server": server, "form": form, "offer": offer, "terms": terms.TEXT}
        return render(request, "servers/ownership_acceptance.html", context)
    with answering(request, {NotOpen: OVER}):
        actions.accept_ownership(server, by=request.authority)
        messages.success(request, "You own this server now.")
    return redirect("ownership", server.pk)


@require_POST
@administrators_only
def ownership_refusal(request: ServerRequest, server: Server) -> HttpResponse:
    with answering(request, {NotOpen: OVER}):
        actions.decline_ownership(server, by=request.authority)
        messages.success(request, "You declined. The server stays with its owner.")
    return redirect("ownership", server.pk)


@require_POST
@owners_only(Action.OWNERSHIP_WITHDRAWN)
def ownership_withdrawal(request: ServerRequest, server: Server) -> HttpResponse:
    with answering(request, {NotOpen: OVER}):
        actions.withdraw_ownership(server, by=request.authority)
        messages.success(request, "The offer is taken back. The server stays yours.")
    return redirect("ownership", server.pk)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@owners_only(Action.OWNER_INVITED)
def owner_invitation(request: ServerRequest, server: Server) -> HttpResponse:
    form = OwnerInvitationForm(
        request.POST or None, confirmation=asked(request, Action.OWNER_INVITED)
    )
    if not is_spent(request, form, Action.OWNER_INVITED):
        return render(request, "servers/owner_invitation.html", {"server": server, "form": form})
    throttle.hit("invitation", str(request.user.pk))
    code = actions.invite_owner(server, form.cleaned_data["label"], by=request.authority)
    return made(request, server, code, form.cleaned_data["label"])
