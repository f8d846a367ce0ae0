"""The account page of the person who is signed in."""

from django.contrib.auth import update_session_auth_hash
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import entry, stepup
from accounts.factors import EncryptedTOTPDevice, RecoveryDevice
from accounts.forms import CodeForm


@require_safe
def account(request):
    return _page(request, CodeForm())


@require_POST
def new_recovery_codes(request):
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    if not stepup.verify(request, form.cleaned_data["code"]):
        form.add_error("code", stepup.refusal(request))
        return _page(request, form)
    request.session[entry.CODES] = RecoveryDevice.objects.renew(request.user)
    update_session_auth_hash(request, request.user)
    return redirect("recovery-codes")


def _page(request, form):
    account = request.user
    recovery = RecoveryDevice.objects.filter(user=account).first()
    context = {
        "form": form,
        "authenticator": EncryptedTOTPDevice.objects.in_use(account),
        "recovery": recovery,
        "codes_left": recovery.codes.count() if recovery else 0,
    }
    return render(request, "accounts/account.html", context)
