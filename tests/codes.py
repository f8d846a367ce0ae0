"""What people read from their authenticator apps."""

from base64 import b32decode
from typing import Any

from django_otp.oath import TOTP

from accounts.factors import STEP, EncryptedTOTPDevice


def shown_by(device: EncryptedTOTPDevice) -> str:
    """The code that the app shows now."""
    return f"{TOTP(b32decode(device.seed), STEP).token():06}"


def fresh_code(account: Any) -> str:
    """A code that will be accepted: as if the account's last one had been long ago."""
    device = EncryptedTOTPDevice.objects.get(user=account, confirmed=True)
    EncryptedTOTPDevice.objects.filter(pk=device.pk).update(
        last_t=-1, drift=0, throttling_failure_count=0
    )
    return shown_by(device)


def wrong_code(device: EncryptedTOTPDevice) -> str:
    """Six digits that the app shows neither now nor in the minutes around."""
    totp = TOTP(b32decode(device.seed), STEP)
    near = set()
    for totp.drift in range(-4, 5):
        near.add(totp.token())
    return next(f"{code:06}" for code in range(10) if code not in near)
