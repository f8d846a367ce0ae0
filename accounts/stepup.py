"""A fresh second factor for an act that cannot be taken back."""

from django.http import HttpRequest
from django_otp import match_token

from accounts.factors import CODE, EncryptedTOTPDevice

REFUSED = "That code is wrong or was used before. Enter the next one that your app shows."
LOCKED = "That code was not accepted. Try again in {} seconds."


def verify(request: HttpRequest, code: str) -> bool:
    """Whether this is an unused code of the signed-in person's authenticator app.

    Recovery codes do not count. Ask before `recording`, never inside a transaction: a rollback
    would make the code good again.
    """
    digits = "".join(code.split())
    if not CODE.fullmatch(digits) or match_token(request.user, digits) is None:
        return False
    request.session.cycle_key()
    return True


def refusal(request: HttpRequest) -> str:
    """What to tell a person whose code was refused."""
    device = EncryptedTOTPDevice.objects.in_use(request.user)  # type: ignore[arg-type]  # signed in
    wait = device.wait if device else 0
    return LOCKED.format(wait) if wait > 1 else REFUSED
