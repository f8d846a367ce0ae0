"""Answering an invitation to administer or to own a server.

The public pages look nothing up: they are the same for every code. Behind the sign-in, a code that
is unknown, used, withdrawn or too old opens the same: nothing, in one sentence.
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.proposals import NotOpen
from audit.authority import OutsideAuthority
from audit.vocabulary import Action
from enigm_command.lib import throttle
from enigm_command.lib.http import public, secret_address
from enigm_command.lib.typed import Mistyped
from servers import actions
from servers.administration_forms import AcceptanceForm, InvitationCodeForm
from servers.confirming import asked, is_spent
from servers.edge import ServerRequest, SignedInRequest
from servers.models import Invitation
from servers.models.invitation import CODE
from servers.models.server import NotTheOwner
from servers.ownership import authority_of_invited
from servers.purchase import terms


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitations(request: HttpRequest) -> HttpResponse:
    form = InvitationCodeForm(request.POST or None)
    if form.is_valid():
        return redirect("invitation", form.cleaned_data["code"])
    return render(request, "servers/invitations.html", {"form": form})


@public
@secret_address
@never_cache
@require_safe
def invitation(request: HttpRequest, code: str) -> HttpResponse:
    try:
        code = CODE.parse(code)
    except Mistyped as mistake:
        context = {"form": InvitationCodeForm(), "mistake": mistake}
        return render(request, "servers/invitations.html", context, status=404)
    return render(request, "servers/invitation.html", {"code": code})


@secret_address
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_answer(request: ServerRequest, code: str) -> HttpResponse:
    found = _found(request, code)
    if found is None:
        return _nothing(request)
    act = Action.SERVER_HANDED_OVER if found.is_for_owner else Action.ADMINISTRATOR_ADDED
    parts = (str(found.pk), terms.VERSION)
    form = AcceptanceForm(request.POST or None, confirmation=asked(request, act, *parts))
    if not is_spent(request, form, act, *parts):
        context = {"form": form, "code": code, "invitation": found, "terms": terms.TEXT}
        return render(request, "servers/invitation_answer.html", context)
    try:
        _accept(request, found)
    except (NotOpen, NotTheOwner, OutsideAuthority):
        return _nothing(request)
    messages.success(request, "You administer this server now.")
    return redirect("server", found.server_id)


@secret_address
@require_POST
def invitation_refusal(request: ServerRequest, code: str) -> HttpResponse:
    found = _found(request, code)
    if found is None:
        return _nothing(request)
    try:
        actions.decline_invitation(found, by=request.authority)
    except (NotOpen, OutsideAuthority):
        return _nothing(request)
    messages.success(request, "You declined the invitation. Its link opens nothing any more.")
    return redirect("servers")


def _found(request: ServerRequest, code: str) -> Invitation | None:
    """What the code opens, and with it what the signed-in person may answer with.

    Wrong codes are counted by account; a right one is no guess.
    """
    throttle.hit("invitation-code", str(request.user.pk))
    try:
        found = Invitation.objects.with_code(CODE.parse(code), request.user.pk)
    except Mistyped:
        return None
    if found is None:
        return None
    throttle.forget("invitation-code", str(request.user.pk))
    request.server = found.server
    request.authority = authority_of_invited(found, request.user)
    return found


def _accept(request: ServerRequest, found: Invitation) -> None:
    if found.is_for_owner:
        actions.accept_owner_invitation(found, by=request.authority)
    else:
        actions.accept_invitation(found, by=request.authority)


def _nothing(request: SignedInRequest) -> HttpResponse:
    return render(request, "servers/invitation_over.html", status=404)
