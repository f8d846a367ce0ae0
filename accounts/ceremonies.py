"""The two ceremonies of a passkey (WebAuthn Level 3): making one, and signing a challenge with it.

Each begins with options for the browser and ends with its answer. What was asked is a `Challenge`
row, of which the session knows the number: an answer counts only in the browser that was asked, for
the purpose it was asked for, and once. The library checks origin, signature, flags and counter.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django_otp_webauthn.exceptions import OTPWebAuthnApiError
from django_otp_webauthn.helpers import WebAuthnHelper
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import UserVerificationRequirement

from accounts.factors import RecoveryDevice, Superseded, changing, in_use
from accounts.models import Account, Notice
from accounts.notices import Kind
from accounts.passkeys import Challenge, Passkey
from enigm_command.lib.problems import Problem

ASKED = "challenge"  # the number of the challenge that this session was last given
REGISTER, SIGN_IN, CONFIRM = "register", "sign in", "confirm"  # what a challenge can be for
READ = {"id", "rawId", "type", "response", "authenticatorAttachment"}  # of what a browser answers
NOT_ACCEPTED = "This passkey was not accepted. Try again, or use another one."
TOO_LATE = "That took too long, or was answered before. Try again."
ELSEWHERE = "Passkeys work only at {}: open the panel there."


class Refused(Problem):
    """The browser's answer does not count."""

    def __init__(self, detail: str = NOT_ACCEPTED) -> None:
        super().__init__(403, "refused", detail)


class Ceremony(WebAuthnHelper):
    """The library's part, where we differ from it: less is kept, and the person is always asked."""

    def __init__(self, request: HttpRequest, name: str = "") -> None:
        super().__init__(request)
        self.name = name  # of the passkey to be made

    def get_credential_name(self, user: Account) -> str:
        """Under which name the device lists the passkey."""
        return user.username

    def get_credential_display_name(self, user: Account) -> str:
        """The same: there is no other name."""
        return user.username

    def get_generate_registration_options_kwargs(self, *, user: Account) -> dict[str, Any]:
        """What is asked of the device: that it checks a fingerprint, a face or a PIN."""
        options: dict[str, Any] = super().get_generate_registration_options_kwargs(user=user)
        selection = options["authenticator_selection"]
        selection.user_verification = UserVerificationRequirement.REQUIRED
        return options

    def register_complete(self, *answer: Any) -> Passkey:
        """The passkey that was made, kept; an error of the library's if the answer is wrong."""
        passkey: Passkey = super().register_complete(*answer)
        return passkey

    def create_credential(self, *answer: Any) -> Passkey:
        """The row to be. Of the device's make and model nothing is kept."""
        passkey: Passkey = super().create_credential(*answer)
        passkey.name, passkey.aaguid = self.name, ""
        return passkey

    def create_attestation(self, *answer: Any) -> None:
        """None was asked for."""


# --- making one -----------------------------------------------------------------------------------
def begin_registration(request: HttpRequest, account: Account) -> dict[str, Any]:
    """What the browser needs to make a passkey for this account, which is signed in."""
    _refuse_elsewhere(request)
    options: dict[str, Any]
    options, state = Ceremony(request).register_begin(account)
    _ask(request, state, REGISTER, account)
    return options


def register(request: HttpRequest, account: Account, answer: Any, name: str) -> Passkey:
    """Keep the passkey that was made, beside what proves the account already."""
    state = _asked(request, REGISTER, account)
    with _refusing(), changing(account):
        Notice.objects.tell([account], Kind.FACTOR_ADDED, factor=Passkey.kind)
        return Ceremony(request, name).register_complete(account, state, _read(answer))


def register_first(
    request: HttpRequest, account: Account, answer: Any, name: str
) -> tuple[Passkey, list[str]]:
    """Keep the passkey as the account's first factor; returns the recovery codes with it.

    Raises Superseded when another factor was put to use first.
    """
    state = _asked(request, REGISTER, account)
    with _refusing(), changing(account):
        if in_use(account):
            raise Superseded
        passkey = Ceremony(request, name).register_complete(account, state, _read(answer))
        return passkey, RecoveryDevice.objects.make(account)


# --- signing with one -----------------------------------------------------------------------------
def begin(request: HttpRequest, purpose: str, account: Account | None) -> dict[str, Any]:
    """What the browser needs to sign with a passkey of this account, or with any it has for us."""
    _refuse_elsewhere(request)
    options: dict[str, Any]
    options, state = Ceremony(request).authenticate_begin(account)
    _ask(request, state, purpose, account)
    return options


def finish(request: HttpRequest, answer: Any, purpose: str, account: Account | None) -> Passkey:
    """The passkey that signed what was asked; Refused otherwise. Its row is locked meanwhile."""
    state = _asked(request, purpose, account)
    with _refusing(), transaction.atomic():
        passkey: Passkey = Ceremony(request).authenticate_complete(account, state, _read(answer))
        if not (passkey.confirmed and passkey.user.is_active):
            raise Refused
    return passkey


# --- both -----------------------------------------------------------------------------------------
def _refuse_elsewhere(request: HttpRequest) -> None:
    """A browser offers passkeys of the site's name under no other one, 127.0.0.1 included."""
    origin = f"{request.scheme}://{request.get_host()}"
    if origin not in settings.OTP_WEBAUTHN_ALLOWED_ORIGINS:
        raise Problem(409, "elsewhere", ELSEWHERE.format(settings.SITE_URL))


def _ask(request: HttpRequest, state: dict, purpose: str, account: Account | None) -> None:
    challenge = Challenge.objects.create(text=state["challenge"], purpose=purpose, account=account)
    request.session[ASKED] = str(challenge.pk)


def _asked(request: HttpRequest, purpose: str, account: Account | None) -> dict[str, Any]:
    """What the library is to compare the answer with. From here on it cannot be answered again."""
    number = request.session.pop(ASKED, None)
    text = number and Challenge.objects.spend(number, purpose, account)
    if not text:
        raise Refused(TOO_LATE)
    return {"challenge": text, "require_user_verification": True}


def _read(answer: Any) -> dict[str, Any]:
    """Only what is looked at: the rest is the browser's own, and has any shape."""
    said = answer if isinstance(answer, dict) else {}
    return {name: said[name] for name in READ & said.keys()}


@contextmanager
def _refusing() -> Iterator[None]:
    """Whatever is wrong with an answer, from its form to its signature, is refused in one way."""
    try:
        yield
    except (WebAuthnException, OTPWebAuthnApiError, IntegrityError, ValueError) as error:
        raise Refused from error
