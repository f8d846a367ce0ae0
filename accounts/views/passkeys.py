"""What a page's script asks while a passkey is made or used: JSON in, JSON or a problem out."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import resolve_url
from django.views.decorators.http import require_POST

from accounts import ceremonies, entry, stepup
from accounts.ceremonies import CONFIRM, SIGN_IN, TOO_LATE, Refused
from accounts.entry import before_second_factor
from accounts.factors import Superseded
from accounts.forms import PasskeyForm
from accounts.models import Confirmation
from enigm_command.lib import problems
from enigm_command.lib.http import public
from enigm_command.lib.problems import Problem
from enigm_command.lib.strict_json import StrictParser

STALE = 403, "stale", "More than five minutes have passed. Open this page again."

Step = Callable[[HttpRequest, dict[str, Any]], dict[str, Any]]


def step(view: Step) -> Callable[[HttpRequest], HttpResponse]:
    """Read what the script says; answer it, or refuse it in words that it can show."""

    @require_POST
    @wraps(view)
    def answered(request: HttpRequest) -> HttpResponse:
        try:
            return JsonResponse(view(request, _said(request)))
        except Problem as problem:
            return problems.answer(request, problem)

    return answered


# --- making one -----------------------------------------------------------------------------------
@before_second_factor
@step
def passkey_register_options(request, said):
    _may_register(request)
    return ceremonies.begin_registration(request, request.user)


@before_second_factor
@step
def passkey_register(request, said):
    _may_register(request)
    form = PasskeyForm(said)
    if not form.is_valid():
        raise Problem(422, "invalid_name", str(form.errors["name"][0]))
    register = _add if request.user.is_verified() else _enrol
    return {"next": resolve_url(register(request, said.get("answer"), form.cleaned_data["name"]))}


def _may_register(request):
    """With a fresh factor; or as the first factor, when there is none to be fresh."""
    if request.user.is_verified() and not stepup.is_fresh(request):
        raise Problem(*STALE)


def _add(request, answer, name):
    ceremonies.register(request, request.user, answer, name)
    update_session_auth_hash(request, request.user)
    return "security"


def _enrol(request, answer, name):
    try:
        passkey, codes = ceremonies.register_first(request, request.user, answer, name)
    except Superseded:
        return "sign-in-code"
    entry.enrolled(request, passkey, codes)
    return "recovery-codes"


# --- signing in with one --------------------------------------------------------------------------
@public
@step
def passkey_sign_in_options(request, said):
    return ceremonies.begin(request, SIGN_IN, _after_password(request))


@public
@step
def passkey_sign_in(request, said):
    account = _after_password(request)
    passkey = ceremonies.finish(request, said.get("answer"), SIGN_IN, account)
    if account is None:
        entry.first_step(request, passkey.user, str(said.get("unsent", "")))
    return {"next": entry.second_step(request, passkey)}


def _after_password(request):
    """Whose password was given in this session, if one was."""
    return request.user if request.user.is_authenticated else None


# --- confirming with one --------------------------------------------------------------------------
@step
def passkey_confirm_options(request, said):
    return ceremonies.begin(request, _purpose(_confirmation(request, said)), request.user)


@step
def passkey_confirm(request, said):
    confirmation = _confirmation(request, said)
    answer, purpose = said.get("answer"), _purpose(confirmation)
    stepup.take(request, ceremonies.finish(request, answer, purpose, request.user))
    if confirmation and not confirmation.mark_proved():
        raise Refused(TOO_LATE)
    return {}


def _confirmation(request, said):
    """What exactly is confirmed; without it, only that it is they."""
    number = said.get("confirmation")
    if number is None:
        return None
    try:
        return Confirmation.objects.of(request.user).get(pk=number)
    except (Confirmation.DoesNotExist, ValidationError) as unknown:
        raise Refused(TOO_LATE) from unknown


def _purpose(confirmation):
    return f"{CONFIRM} {confirmation.pk}" if confirmation else CONFIRM


# --- all of them ----------------------------------------------------------------------------------
def _said(request: HttpRequest) -> dict[str, Any]:
    """The JSON object that was sent."""
    said = StrictParser().parse_body(request)
    if not isinstance(said, dict):
        raise Problem(400, "malformed", "The request is not of the expected form.")
    return said
