"""After a sign-in by recovery code: five minutes to set up a new authenticator app.

The app is lost, so nothing fresh can be shown; and the code proves nothing else. Whatever else
needs a fresh factor waits for the new app's first code.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django_otp.models import Device

from accounts.factors import RecoveryDevice
from accounts.stepup import FRESH, fresh_factor
from enigm_command.lib import clock

RECOVERED = "recovered"  # when this session was opened by a recovery code

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def begin(request: HttpRequest, device: Device) -> None:
    """Note by what this session was opened."""
    if isinstance(device, RecoveryDevice):
        request.session[RECOVERED] = clock.now().isoformat()


def end(request: HttpRequest) -> None:
    """The new authenticator is there."""
    request.session.pop(RECOVERED, None)


def is_due(request: HttpRequest) -> bool:
    """Was this session opened by a recovery code less than five minutes ago?"""
    at = request.session.get(RECOVERED)
    return at is not None and clock.now() - datetime.fromisoformat(at) < FRESH


def fresh_factor_or_recovery_code(view: View) -> View:
    """Ask for a fresh factor first, but for the five minutes after a recovery code."""
    after_factor = fresh_factor(view)

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return (view if is_due(request) else after_factor)(request, *args, **kwargs)

    asked.asks_a_factor = True  # type: ignore[attr-defined]  # as in `fresh_factor`
    return asked  # type: ignore[return-value]  # of the same shape
