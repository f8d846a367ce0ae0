"""Setting up the second factor, inside the first sign-in: an authenticator app or a passkey."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods
from django_otp import user_has_device, verify_token
from django_otp.models import Device

from accounts import entry, stepup
from accounts.entry import before_second_factor
from accounts.factors import Superseded, grouped
from accounts.forms import CodeForm, PasskeyForm


@before_second_factor
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request):
    if user_has_device(request.user):
        return redirect("account")
    pending = Device.from_persistent_id(request.session.get(entry.PENDING, ""))
    if pending is None:
        messages.warning(request, "Sign in again to set up your second factor.")
        return redirect("sign-in")
    form = CodeForm(request.POST or None)
    if form.is_valid():
        if device := verify_token(request.user, pending.persistent_id, form.cleaned_data["code"]):
            return _enrol(request, device)
        form.add_error("code", stepup.REFUSED)
    context = {
        "form": form,
        "device": pending,
        "seed": grouped(pending.seed),
        "passkey_form": PasskeyForm(),
    }
    return render(request, "accounts/second_factor.html", context)


def _enrol(request, device):
    try:
        codes = device.confirm()
    except Superseded:
        return redirect("sign-in-code")
    entry.enrolled(request, device, codes)
    return redirect("recovery-codes")


@before_second_factor
@require_http_methods(["GET", "HEAD", "POST"])
def recovery_codes(request):
    codes = request.session.get(entry.CODES)
    if codes is None:
        return redirect("account")
    if request.method == "POST":
        return _saved(request)
    context = {"codes": codes, "is_setting_up": entry.ENROLLED in request.session}
    return render(request, "accounts/recovery_codes.html", context)


def _saved(request):
    """The codes are saved: from here on they are shown to nobody."""
    del request.session[entry.CODES]
    device = Device.from_persistent_id(request.session.pop(entry.ENROLLED, ""))
    return redirect(entry.second_step(request, device) if device else "security")
