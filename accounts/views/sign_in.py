"""Signing up, in and out."""

from django.contrib import messages
from django.contrib.auth import logout
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST
from django_otp import match_token, user_has_device

from accounts import entry, stepup, tries
from accounts.entry import before_second_factor
from accounts.forms import CodeForm, RecoverySignInForm, SignInForm, SignUpForm
from enigm_command.lib.http import public


@public
@require_http_methods(["GET", "HEAD", "POST"])
def sign_up(request):
    form = SignUpForm(request.POST or None)
    if form.is_valid() and (account := form.create_account(request)):
        entry.first_step(request, account)
        return redirect("second-factor")
    return render(request, "accounts/sign_up.html", {"form": form})


@public
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request):
    form = SignInForm(request.POST or None)
    unsent = request.POST.get("unsent", "")
    if form.is_valid() and (account := form.find_account(request)):
        entry.first_step(request, account, unsent)
        return redirect("sign-in-code")
    return render(request, "accounts/sign_in.html", {"form": form, "unsent": unsent})


@before_second_factor
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_code(request):
    if not user_has_device(request.user):
        return redirect("second-factor")
    form = CodeForm(request.POST or None)
    if form.is_valid():
        tries.code(request)
        if device := match_token(request.user, form.cleaned_data["code"]):
            tries.code_was_right(request)
            return redirect(entry.second_step(request, device))
        form.add_error("code", stepup.refusal(request))
    context = {"form": form, "ways": stepup.ways(request.user)}
    return render(request, "accounts/sign_in_code.html", context)


@public
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_recovery_code(request):
    typed = request.POST if "code" in request.POST else None  # none yet: they come from sign-in
    known = {"username": request.POST.get("username") or request.user.username}
    form = RecoverySignInForm(typed, initial=known)
    unsent = request.POST.get("unsent", "")
    if form.is_valid() and (recovery := form.use_code(request)):
        entry.first_step(request, recovery.user, unsent)
        messages.warning(request, f"Recovery codes left: {recovery.codes.count()}.")
        return redirect(entry.second_step(request, recovery))
    return render(request, "accounts/sign_in_recovery_code.html", {"form": form, "unsent": unsent})


@require_POST
@before_second_factor
def sign_out(request):
    logout(request)
    response = redirect("sign-in")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
