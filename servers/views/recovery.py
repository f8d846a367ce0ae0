"""Coming back after somebody vouched: the recovery key is typed, and never part of an address.

What a key that is unknown, used, called off or too old opens is the same: nothing, in one sentence.
"""

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.factors import CodeRefused, EncryptedTOTPDevice, grouped, new_seed
from accounts.models import Recovery
from accounts.recovery import NewWayIn, NotDue
from accounts.recovery_forms import FinishForm, KeyForm
from accounts.stepup import REFUSED
from audit.authority import OutsideAuthority
from enigm_command.lib import throttle
from enigm_command.lib.http import network, public
from servers.actions import finish_recovery
from servers.vouching import authority_to_finish, server_of

SALT = "servers.recovery"  # of the new seed: it travels in the page, signed, until it is used
NOTHING = (
    "This recovery key opens nothing. It may have been used, called off, vouched for by nobody in"
    " time, or left for too long."
)


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def recovery(request: HttpRequest) -> HttpResponse:
    form = KeyForm(request.POST or None)
    if not form.is_valid():
        return _key_page(request, form)
    found = _found(request, form)
    if found is None:
        return _nothing(request, form)
    if not found.is_due:
        return render(request, "servers/recovery_waits.html", {"recovery": found})
    seed = new_seed()
    initial = {"key": form.cleaned_data["key"], "seed": signing.dumps(seed, salt=SALT)}
    return _setting_up(request, FinishForm(initial=initial, account=found.person), seed)


@public
@never_cache
@require_POST
def recovery_finish(request: HttpRequest) -> HttpResponse:
    key = KeyForm(request.POST)
    found = _found(request, key) if key.is_valid() else None
    seed = _seed(request)
    if found is None or not found.is_due or seed is None:
        return _nothing(request, key)
    form = FinishForm(request.POST, account=found.person)
    if not form.is_valid():
        return _setting_up(request, form, seed)
    try:
        codes = _finish(found, form, seed)
    except CodeRefused:
        form.add_error("code", REFUSED)
        return _setting_up(request, form, seed)
    except (NotDue, OutsideAuthority):
        return _nothing(request, key)
    return render(request, "servers/recovered.html", {"codes": codes})


def _found(request: HttpRequest, form: KeyForm) -> Recovery | None:
    """Wrong keys are counted by network; a right one is no guess."""
    throttle.hit("recover", "key", network(request))
    found = Recovery.objects.with_key(form.cleaned_data["key"])
    if found is None or (found.vouched_at and not authority_to_finish(found)):
        return None
    throttle.forget("recover", "key", network(request))
    return found


def _finish(found: Recovery, form: FinishForm, seed: str) -> list[str]:
    by = authority_to_finish(found)
    if by is None:
        raise NotDue
    new = NewWayIn(form.cleaned_data["password"], seed, form.cleaned_data["code"])
    return finish_recovery(found, server_of(found), new, by=by)


def _seed(request: HttpRequest) -> str | None:
    try:
        seed: str = signing.loads(request.POST.get("seed", ""), salt=SALT)
    except signing.BadSignature:
        return None
    return seed


def _setting_up(request: HttpRequest, form: FinishForm, seed: str) -> HttpResponse:
    device = EncryptedTOTPDevice(user=form.account, seed=seed)
    context = {"form": form, "device": device, "seed": grouped(seed)}
    return render(request, "servers/recovery_finish.html", context)


def _nothing(request: HttpRequest, form: KeyForm) -> HttpResponse:
    if form.is_valid():
        form.add_error("key", NOTHING)
    return _key_page(request, form)


def _key_page(request: HttpRequest, form: KeyForm) -> HttpResponse:
    return render(request, "servers/recovery_key.html", {"form": form})
