"""Second factors: an authenticator app, and recovery codes for the day it is lost.

What must never happen: one code opens two doors, or a copy of the database holds a code or a seed.
What prevents it: codes are checked only by django_otp's `match_token` and `verify_token`, which
lock the device's row first (the methods of that name below are for them alone); seeds are sealed,
and of recovery codes only a keyed digest is kept.
"""

import math
import re
import secrets
from base64 import b32decode, b32encode
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote, urlencode
from uuid import uuid4

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone
from django_otp.models import Device, DeviceManager, ThrottlingMixin
from django_otp.oath import TOTP

from enigm_command.lib import clock, vault
from enigm_command.lib.clock import ClockNow
from enigm_command.lib.fields import UNREADABLE, SealedText
from enigm_command.lib.vault import PLATFORM

if TYPE_CHECKING:
    from accounts.models import Account

CODE = re.compile(r"[0-9]{6}")
STEP = 30  # seconds a code is shown (RFC 6238)
TOLERANCE = 1  # steps before and after the present one
RECOVERY_CODES = 10


class Superseded(Exception):
    """Another authenticator was set up for this account meanwhile."""


def new_seed() -> str:
    """20 random bytes as RFC 4226 recommends, in base 32 as authenticator apps take them."""
    return b32encode(secrets.token_bytes(20)).decode()


def new_recovery_code() -> str:
    """120 random bits in base 32: 24 letters and digits."""
    return b32encode(secrets.token_bytes(15)).decode()


def grouped(text: str) -> str:
    """Groups of four, for people who type."""
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


class AuthenticatorManager(DeviceManager):
    """How an authenticator app comes about."""

    @transaction.atomic
    def begin(self, account: "Account") -> "EncryptedTOTPDevice":
        """A fresh seed to be set up. Whoever was shown an earlier one gains nothing by it."""
        self.filter(user=account, confirmed=False).delete()
        device: EncryptedTOTPDevice = self.create(user=account, confirmed=False)
        return device

    def in_use(self, account: "Account") -> "EncryptedTOTPDevice | None":
        """The account's authenticator, once it is set up."""
        device: EncryptedTOTPDevice | None = self.filter(user=account, confirmed=True).first()
        return device


class EncryptedTOTPDevice(ThrottlingMixin, Device):
    """An authenticator app: codes of six digits by time (RFC 6238), each good once."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(max_length=64, default="Authenticator app")
    seed = SealedText(scope=PLATFORM, default=new_seed)
    last_t = models.BigIntegerField(default=-1)  # the step of the last code that was accepted
    drift = models.SmallIntegerField(default=0)  # steps by which the app's clock differs from ours
    made_at = models.DateTimeField(db_default=ClockNow())

    objects: ClassVar[AuthenticatorManager] = AuthenticatorManager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["user"], condition=Q(confirmed=True), name="one_authenticator_in_use"
            ),
        )

    @property
    def persistent_id(self) -> str:
        """As django_otp looks devices up: by a number, which a UUID also is."""
        return f"{self.model_label()}/{self.pk.int}"

    @property
    def address(self) -> str:
        """What the QR code says to the app (key URI format of Google Authenticator)."""
        label = quote(f"{settings.OTP_TOTP_ISSUER}:{self.user.username}")
        facts = {"secret": self.seed, "issuer": settings.OTP_TOTP_ISSUER, "period": STEP}
        return f"otpauth://totp/{label}?{urlencode(facts, quote_via=quote)}"

    @property
    def wait(self) -> int:
        """Seconds until another code may be tried, after wrong ones."""
        allowed, why = self.verify_is_allowed()
        return 0 if allowed else math.ceil((why["locked_until"] - timezone.now()).total_seconds())

    def confirm(self) -> list[str]:
        """Put this authenticator to use; returns the recovery codes that go with it.

        Raises Superseded when another one was put to use first.
        """
        try:
            with transaction.atomic():
                pending = EncryptedTOTPDevice.objects.filter(pk=self.pk, confirmed=False)
                if not pending.update(confirmed=True):
                    raise Superseded
                return RecoveryDevice.objects.renew(self.user)
        except IntegrityError as first:
            raise Superseded from first

    def verify_token(self, token: str) -> bool:
        """For django_otp alone. What is not six digits is no attempt and is not counted as one."""
        if not CODE.fullmatch(token) or self.seed == UNREADABLE or self.wait:
            return False
        totp = TOTP(b32decode(self.seed), STEP, drift=self.drift)
        totp.time = clock.now().timestamp()
        if not totp.verify(int(token), TOLERANCE, min_t=self.last_t + 1):
            self.throttle_increment()
            return False
        self.last_t, self.drift = totp.t(), totp.drift
        self.throttle_reset()
        return True

    def get_throttle_factor(self) -> int:
        """Wait 1, 2, 4, 8, … seconds after each wrong code in a row."""
        return 1


class RecoveryManager(DeviceManager):
    """How recovery codes come about."""

    @transaction.atomic
    def renew(self, account: "Account") -> list[str]:
        """Ten new codes in place of all earlier ones. This is the only time they can be read.

        A changed factor ends every session, also one that a thief may hold.
        """
        device, _ = self.update_or_create(user=account, defaults={"made_at": ClockNow()})
        codes = [new_recovery_code() for _ in range(RECOVERY_CODES)]
        device.codes.all().delete()
        RecoveryCode.objects.bulk_create(
            RecoveryCode(device=device, digest=device.digest(code)) for code in codes
        )
        account.end_sessions()
        return [grouped(code) for code in codes]


class RecoveryDevice(Device):
    """Codes on paper. They open the panel when the app is lost, and confirm nothing irreversible.

    Not throttled: they cannot be guessed, and so nobody's guesses can lock their owner out.
    """

    name = models.CharField(max_length=64, default="Recovery codes")
    made_at = models.DateTimeField(db_default=ClockNow())

    objects: ClassVar[RecoveryManager] = RecoveryManager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user"], name="one_set_of_recovery_codes"),)

    def digest(self, code: str) -> bytes:
        """What is kept of a code: keyed, and of this set alone."""
        return vault.index(PLATFORM, f"recovery code|{self.pk}|{code}")

    def verify_token(self, token: str) -> bool:
        """For django_otp alone. The code is gone with its use."""
        typed = re.sub(r"[\s-]", "", token).upper()
        used, _ = self.codes.filter(digest=self.digest(typed)).delete()
        return bool(used)


class RecoveryCode(models.Model):
    """One recovery code that was not used yet."""

    device = models.ForeignKey(RecoveryDevice, on_delete=models.CASCADE, related_name="codes")
    digest = models.BinaryField(max_length=16, unique=True)

    def __str__(self) -> str:
        return f"a code of {self.device_id}"
