"""Who administers a server: inviting others, removing them, leaving."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import ConfirmingForm
from accounts.proposals import NotOpen
from accounts.stepup import fresh_factor
from audit.vocabulary import Action
from enigm_command.lib import throttle
from enigm_command.lib.answers import answering
from servers import actions
from servers.administration_forms import InvitationForm
from servers.closing import StillNeeded
from servers.confirming import asked, is_spent
from servers.edge import ServerRequest, administrators_only, power_of
from servers.models import Administrator, Invitation, Server
from servers.ownership import current

TOO_LATE = "Another administrator was first."
OWNER_STAYS = "The owner stays an administrator. Hand the server over first."


@require_safe
@administrators_only
def administrators(request: ServerRequest, server: Server) -> HttpResponse:
    context = {
        "server": server,
        "administrators": server.administrators.select_related("account").order_by("since"),
        "invitations": Invitation.objects.open().filter(server=server).order_by("made_at"),
        "offer": current(server),
    }
    return render(request, "servers/administrators.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
@fresh_factor
def administrator_invitation(request: ServerRequest, server: Server) -> HttpResponse:
    form = InvitationForm(request.POST or None)
    if not form.is_valid():
        context = {"server": server, "form": form}
        return render(request, "servers/administrator_invitation.html", context)
    throttle.hit("invitation", str(request.user.pk))
    code = actions.invite_administrator(server, form.cleaned_data["label"], by=request.authority)
    return made(request, server, code, form.cleaned_data["label"])


@require_POST
@administrators_only
@fresh_factor
def invitation_withdrawal(request: ServerRequest, server: Server, pk: UUID) -> HttpResponse:
    invitation = get_object_or_404(Invitation, server=server, pk=pk)
    throttle.hit("invitation", str(request.user.pk))
    with answering(request, {NotOpen: "That invitation was answered, or its week is over."}):
        actions.withdraw_invitation(invitation, by=request.authority)
        messages.success(request, "The invitation is withdrawn. Its link opens nothing any more.")
    return redirect("administrators", server.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def administrator_removal(request: ServerRequest, server: Server, pk: UUID) -> HttpResponse:
    others = server.administrators.exclude(account=request.user).select_related("account")
    fellow = get_object_or_404(others, pk=pk)
    form = ConfirmingForm(
        request.POST or None, confirmation=asked(request, Action.ADMINISTRATOR_REMOVED, str(pk))
    )
    if not is_spent(request, form, Action.ADMINISTRATOR_REMOVED, str(pk)):
        context = {"server": server, "form": form, "administrator": fellow}
        return render(request, "servers/administrator_removal.html", context)
    with answering(request, {Administrator.DoesNotExist: TOO_LATE, StillNeeded: OWNER_STAYS}):
        actions.remove_administrator(fellow, by=request.authority)
        messages.success(request, f"{fellow.account} no longer administers this server.")
    return redirect("administrators", server.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def administrator_leaving(request: ServerRequest, server: Server) -> HttpResponse:
    confirmation = asked(request, Action.ADMINISTRATOR_LEFT)
    form = ConfirmingForm(request.POST or None, confirmation=confirmation)
    if not is_spent(request, form, Action.ADMINISTRATOR_LEFT):
        context = {"server": server, "form": form}
        return render(request, "servers/administrator_leaving.html", context)
    with answering(request, {StillNeeded: OWNER_STAYS}):
        actions.leave_administration(power_of(request.authority), by=request.authority)
        messages.success(request, "You no longer administer that server.")
        return redirect("servers")
    return redirect("administrators", server.pk)


def made(request: ServerRequest, server: Server, code: str, label: str) -> HttpResponse:
    """The page that shows an invitation's link, this once."""
    link = settings.SITE_URL + reverse("invitation", args=[code])
    context = {"server": server, "code": code, "link": link, "label": label}
    return render(request, "servers/invitation_made.html", context)
