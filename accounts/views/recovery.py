"""For people who cannot sign in. Each answer is the same whether somebody has the name or not."""

from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import tries
from accounts.factors import RecoveryDevice
from accounts.models import Recovery
from accounts.recovery import reset_password
from accounts.recovery_forms import NameForm, ResetForm
from enigm_command.lib import throttle
from enigm_command.lib.http import network, public

REFUSED = "The username or the recovery code is wrong, or the code was used before."


@public
@require_safe
def recover(request):
    return render(request, "accounts/recover.html")


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def password_reset(request):
    form = ResetForm(request.POST or None)
    if form.is_valid():
        if _reset(request, **form.cleaned_data):
            return render(request, "accounts/password_is_new.html")
        form.add_error("username", REFUSED)
    return render(request, "accounts/password_reset.html", {"form": form})


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def recovery_begin(request):
    form = NameForm(request.POST or None)
    if not form.is_valid():
        return render(request, "accounts/recovery_begin.html", {"form": form})
    throttle.hit("recover", network(request))
    key, spoken = Recovery.objects.begin(form.cleaned_data["username"])
    return render(request, "accounts/recovery_begun.html", {"key": key, "spoken": spoken})


def _reset(request, username, code, password):
    """Wrong codes are counted by network: whoever has a right one waits for nobody's guesses."""
    device = RecoveryDevice.objects.with_code(username, code)
    tries.recovery_code(request, device)
    return device is not None and reset_password(device, code, password)
