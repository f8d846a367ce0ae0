"""Step-up: a factor proved again, shortly before an act that a stolen session must not take.

What must never happen: whoever copied a session's cookie acts with it. What prevents it: proving a
factor moves the session to a new key, and what was proved is good for five minutes, by the clock of
the database, and only until the account's factors change. The irreversible asks for more: a
confirmation of exactly that act (`accounts.confirmations`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, TypeVar

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django_otp import match_token
from django_otp.models import Device

from accounts import unsent
from accounts.factors import CODE, FACTORS, EncryptedTOTPDevice, RecoveryDevice
from enigm_command.lib import clock, problems, throttle
from enigm_command.lib.http import wants_json

if TYPE_CHECKING:
    from accounts.models import Account

FRESH = timedelta(minutes=5)
PROVED = "proved"  # when a factor was proved in this session, and in which epoch of the account
REFUSED = "That code is wrong or was used before. Enter the next one that your app shows."
CONFIRM_FIRST = problems.Problem(403, "confirm_you", "Prove a factor again to do this.")
LOCKED = "That code was not accepted. Try again in {} seconds."

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def take(request: HttpRequest, device: Device) -> None:
    """Remember that the signed-in person has just proved this factor.

    It is what django_otp's `match_token` or `verify_token` returned, or a passkey ceremony. A
    recovery code opens the panel and is no proof for anything else.
    """
    request.session.cycle_key()
    if isinstance(device, RecoveryDevice) or device.user_id != request.user.pk:
        return
    request.session[PROVED] = [clock.now().isoformat(), _epoch(request)]


def is_fresh(request: HttpRequest) -> bool:
    """Was a factor proved in this session within five minutes, and none changed since?"""
    proved_at, epoch = request.session.get(PROVED) or ("", None)
    if epoch is None or epoch != _epoch(request):
        return False
    return clock.now() - datetime.fromisoformat(proved_at) < FRESH


def fresh_factor(view: View) -> View:
    """Ask for a fresh factor first. A form that arrives without one is kept and handed back."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not is_fresh(request):
            return ask(request)
        if request.method == "POST":
            unsent.forget(request)
        return view(request, *args, **kwargs)

    asked.asks_a_factor = True  # type: ignore[attr-defined]  # for the test that lists who does not
    return asked  # type: ignore[return-value]  # of the same shape


def ask(request: HttpRequest) -> HttpResponse:
    """Send to the page that asks for a factor; a program is told so instead."""
    if wants_json(request):
        return problems.answer(request, CONFIRM_FIRST)
    return unsent.keep(request)


def verify(request: HttpRequest, code: str) -> bool:
    """Whether this is an unused code of the signed-in person's authenticator app.

    Recovery codes do not count. Ask before `recording`, never inside a transaction: a rollback
    would make the code good again. TooMany after many wrong ones.
    """
    return counted(request, partial(matches, request, code))


def counted(request: HttpRequest, proves: Callable[[], bool]) -> bool:
    """Let a person try to prove a factor, and count how often they fail."""
    account = str(request.user.pk)
    throttle.hit("confirm", account)
    if proved := proves():
        throttle.forget("confirm", account)
    return proved


def matches(request: HttpRequest, code: str) -> bool:
    """`verify` for those who count for themselves."""
    digits = "".join(code.split())
    device = match_token(request.user, digits) if CODE.fullmatch(digits) else None
    if device is not None:
        take(request, device)
    return device is not None


@dataclass(frozen=True, slots=True)
class Ways:
    """How a person can prove that it is them, besides a recovery code."""

    app: bool
    passkey: bool


def ways(account: "Account") -> Ways:
    """What the account has set up."""
    found = FACTORS.ask(account=account.pk)
    return Ways(app=bool(found["apps"]), passkey=bool(found["passkeys"]))


def refusal(request: HttpRequest) -> str:
    """What to tell a person whose code was refused."""
    device = EncryptedTOTPDevice.objects.in_use(request.user)  # type: ignore[arg-type]  # signed in
    wait = device.wait if device else 0
    return LOCKED.format(wait) if wait > 1 else REFUSED


def _epoch(request: HttpRequest) -> int:
    epoch: int = request.user.auth_epoch  # type: ignore[union-attr]  # signed in
    return epoch
