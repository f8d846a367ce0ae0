"""What proves an account, where it is signed in, and how both are changed."""

import django_otp
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_otp import verify_token
from django_otp.models import Device

from accounts import entry, factors, replacement, sessions, stepup
from accounts.factors import EncryptedTOTPDevice, LastFactor, RecoveryDevice, grouped
from accounts.forms import CodeForm, PasskeyForm
from accounts.models import Passkey
from accounts.replacement import fresh_factor_or_recovery_code
from accounts.stepup import fresh_factor
from enigm_command.lib.answers import answering

AUTHENTICATOR = EncryptedTOTPDevice.kind
LAST = "This is your last second factor. Add another one first, or replace it."


@require_safe
def security(request):
    account = request.user
    recovery = RecoveryDevice.objects.filter(user=account).first()
    proofs = factors.in_use(account)
    context = {
        "authenticator": next((one for one in proofs if one.kind == AUTHENTICATOR), None),
        "passkeys": [one for one in proofs if one.kind != AUTHENTICATOR],
        "can_remove": len(proofs) > 1,
        "recovery": recovery,
        "codes_left": recovery.codes.count() if recovery else 0,
        "has_recovered": replacement.is_due(request),
        "sessions": sessions.of(account),
        "limits": sessions.limits_of(account),
    }
    return render(request, "accounts/security.html", context)


# --- the authenticator app ------------------------------------------------------------------------
@require_POST
@fresh_factor_or_recovery_code
def new_authenticator(request):
    pending = EncryptedTOTPDevice.objects.begin(request.user)
    request.session[entry.PENDING] = pending.persistent_id
    return redirect("authenticator")


@require_http_methods(["GET", "HEAD", "POST"])
@fresh_factor_or_recovery_code
def authenticator(request):
    pending = Device.from_persistent_id(request.session.get(entry.PENDING, ""))
    if pending is None:
        return redirect("security")
    form = CodeForm(request.POST or None)
    if form.is_valid():
        if device := verify_token(request.user, pending.persistent_id, form.cleaned_data["code"]):
            return _replace(request, device)
        form.add_error("code", stepup.REFUSED)
    context = {"form": form, "device": pending, "seed": grouped(pending.seed)}
    return render(request, "accounts/authenticator.html", context)


def _replace(request: HttpRequest, device: EncryptedTOTPDevice) -> HttpResponse:
    device.replace()
    del request.session[entry.PENDING]
    replacement.end(request)
    django_otp.login(request, device)
    messages.success(request, "The new authenticator app is in use. The earlier one is not.")
    return _changed(request, device)


@require_POST
@fresh_factor
def authenticator_removal(request):
    return _remove(request, EncryptedTOTPDevice.objects.in_use(request.user))


# --- passkeys -------------------------------------------------------------------------------------
@require_safe
@fresh_factor
def new_passkey(request):
    context = {"form": PasskeyForm(), "site": settings.SITE_URL}
    return render(request, "accounts/new_passkey.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@fresh_factor
def passkey_name(request, pk):
    passkey = get_object_or_404(Passkey, user=request.user, pk=pk)
    form = PasskeyForm(request.POST or None, initial={"name": passkey.name})
    if form.is_valid():
        passkey.name = form.cleaned_data["name"]
        passkey.save(update_fields=["name"])
        return redirect("security")
    return render(request, "accounts/passkey_name.html", {"form": form, "passkey": passkey})


@require_POST
@fresh_factor
def passkey_removal(request, pk):
    return _remove(request, Passkey.objects.filter(user=request.user, pk=pk).first())


# --- recovery codes -------------------------------------------------------------------------------
@require_POST
@fresh_factor
def new_recovery_codes(request):
    request.session[entry.CODES] = RecoveryDevice.objects.renew(request.user)
    update_session_auth_hash(request, request.user)
    return redirect("recovery-codes")


# --- all of them ----------------------------------------------------------------------------------
def _remove(request: HttpRequest, device: Device | None) -> HttpResponse:
    """Take a factor out of use; whoever opened this session with it enters again, with another."""
    if device is None:
        return redirect("security")
    with answering(request, {LastFactor: LAST}):
        factors.remove(device)
        messages.success(request, f"Removed: {device.name}.")
        return _changed(request, device)
    return redirect("security")


def _changed(request: HttpRequest, device: Device) -> HttpResponse:
    """Every other session has ended with the change; this one goes on."""
    update_session_auth_hash(request, device.user)
    return redirect("security")
