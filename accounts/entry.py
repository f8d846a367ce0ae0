"""The two steps into the panel, and what a session remembers between them.

After the password a session opens nothing but the pages of the second step; each step is taken
under a new session key, so that a key planted earlier is worthless.
"""

import django_otp
from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django_otp.models import Device

from accounts.factors import EncryptedTOTPDevice
from accounts.models import Account
from enigm_command.lib.http import View, safe_next

ONWARD = "onward"  # the page that was asked for
PENDING = "pending"  # the authenticator that this session is setting up
ENROLLED = "enrolled"  # the authenticator that it has just set up
CODES = "recovery_codes"  # new recovery codes, until they are said to be saved


def before_second_factor(view: View) -> View:
    """Mark a view that is open after the password alone."""
    view.before_second_factor = True  # type: ignore[attr-defined]
    return view


def first_step(request: HttpRequest, account: Account) -> None:
    """The password was right: begin a new session, and a new authenticator if there is none."""
    asked_for = safe_next(request, "")
    request.session.flush()
    login(request, account)
    request.session[ONWARD] = asked_for
    if not django_otp.user_has_device(account):
        request.session[PENDING] = EncryptedTOTPDevice.objects.begin(account).persistent_id


def second_step(request: HttpRequest, device: Device) -> str:
    """The second factor was right: open the panel. Returns the page to go to."""
    request.session.cycle_key()
    django_otp.login(request, device)
    return request.session.pop(ONWARD, "") or resolve_url(settings.LOGIN_REDIRECT_URL)
