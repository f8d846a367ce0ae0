"""What is held of an account, to take along; and how an account is closed."""

from django.contrib import messages
from django.contrib.auth import logout
from django.db import IntegrityError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.profile_forms import ClosingForm
from accounts.stepup import fresh_factor
from audit.authority import OutsideAuthority
from enigm_command.lib import throttle
from servers import actions, own_data
from servers.closing import StillNeeded, Ties
from servers.edge import SignedInRequest, authority_of

CHANGED = "Something has changed meanwhile. Your account is still open: look at it once more."


@require_http_methods(["GET", "HEAD", "POST"])
@fresh_factor
def own_data_page(request: SignedInRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "servers/own_data.html")
    throttle.hit("export", str(request.user.pk))
    response = JsonResponse(own_data.held(request.user), json_dumps_params={"indent": 2})
    response.headers["Content-Disposition"] = 'attachment; filename="enigm-account.json"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@fresh_factor
def close_account(request: SignedInRequest) -> HttpResponse:
    ties = Ties.of(request.user)
    form = ClosingForm(request.POST or None, account=request.user)
    if ties.hold or not form.is_valid():
        context = {"ties": ties, "form": form}
        return render(request, "servers/close_account.html", context)
    try:
        _close(request, ties)
    except (StillNeeded, OutsideAuthority, IntegrityError):
        messages.warning(request, CHANGED)
        return redirect("close-account")
    return _goodbye(request)


def _close(request: SignedInRequest, ties: Ties) -> None:
    """One act for each server that is left, then the account's own."""
    for power in ties.shared:
        actions.leave_administration(power, by=authority_of(power, request.user.username))
    actions.close_account(request.user, by=request.user.authority)


def _goodbye(request: SignedInRequest) -> HttpResponse:
    logout(request)
    messages.success(request, "Your account is closed.")
    response = redirect("sign-in")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
