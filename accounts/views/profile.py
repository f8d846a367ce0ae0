"""What people change about their own account: the e-mail address and the password."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts import addresses, sessions
from accounts.models import NewAddress, Notice
from accounts.notices import Kind
from accounts.profile_forms import AddressForm, PasswordForm
from accounts.stepup import fresh_factor
from enigm_command.lib import throttle
from enigm_command.lib.http import secret_address


@require_http_methods(["GET", "HEAD", "POST"])
@fresh_factor
def email(request):
    form = AddressForm(request.POST or None)
    if not form.is_valid():
        return render(request, "accounts/email.html", {"form": form})
    throttle.hit("address", str(request.user.pk))
    NewAddress.objects.ask(request.user, form.cleaned_data["address"])
    messages.success(request, "A link is on its way. Open it within an hour.")
    return redirect("account")


@require_POST
@fresh_factor
def email_removal(request):
    addresses.remove(request.user)
    messages.success(request, "We keep no e-mail address of yours any more.")
    return redirect("account")


@require_http_methods(["GET", "HEAD", "POST"])
@secret_address
def email_proof(request, token):
    asked = NewAddress.objects.named_by(token, request.user)
    if asked and request.method != "POST":
        return render(request, "accounts/email_proof.html", {"address": asked.address})
    if asked and NewAddress.objects.prove(asked):
        messages.success(request, "The address is confirmed. Notices go there from now on.")
    else:
        messages.warning(request, "This link is not yours, was used, or is older than an hour.")
    return redirect("account")


@require_http_methods(["GET", "HEAD", "POST"])
@fresh_factor
def password(request):
    if request.method == "POST":
        throttle.hit("confirm", str(request.user.pk))
    form = PasswordForm(request.POST or None, account=request.user)
    if not form.is_valid():
        return render(request, "accounts/password.html", {"form": form})
    _change_password(request, form.cleaned_data["new_password"])
    messages.success(request, "You have a new password, and are signed out everywhere else.")
    return redirect("account")


@transaction.atomic
def _change_password(request, new):
    request.user.set_password(new)
    request.user.save(update_fields=["password"])
    Notice.objects.tell([request.user], Kind.PASSWORD_CHANGED)
    sessions.end_others(request)
