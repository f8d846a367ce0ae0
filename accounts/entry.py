"""The two steps into the panel, and what a session remembers between them.

After the password a session opens nothing but the pages of the second step; each step is taken
under a new session key, so that a key planted earlier is worthless.
"""

from typing import Any

import django_otp
from django.conf import settings
from django.contrib.auth import login, update_session_auth_hash
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django_otp.models import Device

from accounts import browsers, replacement, sessions, stepup, unsent
from accounts.factors import EncryptedTOTPDevice, RecoveryDevice
from accounts.models import Account, KnownBrowser, Notice
from accounts.notices import Kind
from enigm_command.lib.http import View, safe_next

ONWARD = "onward"  # the page that was asked for
WAY_ON = (ONWARD, unsent.UNSENT)
PENDING = "pending"  # the authenticator that this session is setting up
ENROLLED = "enrolled"  # the factor that it has just set up
CODES = "recovery_codes"  # new recovery codes, until they are said to be saved


def before_second_factor(view: View) -> View:
    """Mark a view that is open after the password alone."""
    view.before_second_factor = True  # type: ignore[attr-defined]
    return view


def first_step(request: HttpRequest, account: Account, carried: str = "") -> None:
    """The password was right: begin a new session, and a new authenticator if there is none.

    `carried` is the form that the page asked to keep, whose session had ended.
    """
    asked_for, begun = safe_next(request, ""), _begun(request, account)
    request.session.flush()
    login(request, account)
    request.session.update(begun)
    if onward := unsent.take_over(request, carried) or asked_for:
        request.session[ONWARD] = onward
    request.session[sessions.BROWSER] = _browser(request)
    if not django_otp.user_has_device(account):
        request.session[PENDING] = EncryptedTOTPDevice.objects.begin(account).persistent_id


def _begun(request: HttpRequest, account: Account) -> dict[str, Any]:
    """What the session of somebody who starts anew, by a recovery code, knows of their way on."""
    if request.user != account:
        return {}
    return {name: request.session[name] for name in WAY_ON if name in request.session}


def enrolled(request: HttpRequest, device: Device, codes: list[str]) -> None:
    """The first factor was set up: what is left is to save the recovery codes."""
    update_session_auth_hash(request, device.user)
    request.session.pop(PENDING, None)
    request.session[ENROLLED] = device.persistent_id
    request.session[CODES] = codes


def second_step(request: HttpRequest, device: Device) -> str:
    """The second factor was right: open the panel. Returns the page to go to."""
    django_otp.login(request, device)
    stepup.take(request, device)
    replacement.begin(request, device)
    request.session[sessions.FACTOR] = device.kind
    _tell(device, _browser(request))
    return request.session.pop(ONWARD, "") or resolve_url(settings.LOGIN_REDIRECT_URL)


def _browser(request: HttpRequest) -> str:
    return browsers.label_of(request.headers.get("User-Agent", ""))


@transaction.atomic
def _tell(device: Device, browser: str) -> None:
    """Let the account know of a sign-in that is out of the ordinary."""
    account: Account = device.user
    if KnownBrowser.objects.learn(account, browser):
        facts = {"browser": browser, "factor": device.kind}
        Notice.objects.tell([account], Kind.NEW_SIGN_IN, **facts)
    if isinstance(device, RecoveryDevice):
        Notice.objects.tell([account], Kind.RECOVERY_CODE_USED, left=device.codes.count())
