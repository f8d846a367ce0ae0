"""Second factors: an authenticator app, and recovery codes for the day it is lost.

What must never happen: one code opens two doors, a copy of the database holds a code or a seed, or
an account is left without a factor. What prevents it: codes are checked only by django_otp's
`match_token` and `verify_token`, which lock the device's row first (the methods of that name below
are for them alone); seeds are sealed, and of recovery codes only a keyed digest is kept; factors
change only within `changing`, and a trigger counts them once more. Passkeys are in `passkeys`.
"""

import math
import re
import secrets
from base64 import b32decode, b32encode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote, urlencode
from uuid import UUID, uuid4

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django_otp import verify_token
from django_otp.models import Device, DeviceManager, ThrottlingMixin
from django_otp.oath import TOTP

from accounts import usernames
from accounts.notices import Kind, Notice
from enigm_command.lib import clock, vault
from enigm_command.lib.clock import ClockNow
from enigm_command.lib.fields import UNREADABLE, SealedText
from enigm_command.lib.question import Question, count
from enigm_command.lib.vault import PLATFORM

if TYPE_CHECKING:
    from accounts.models import Account

CODE = re.compile(r"[0-9]{6}")
STEP = 30  # seconds a code is shown (RFC 6238)
TOLERANCE = 1  # steps before and after the present one
RECOVERY_CODES = 10


class Superseded(Exception):
    """Another factor was set up for this account meanwhile."""


class CodeRefused(Exception):
    """The code is not one that this authenticator app shows now."""


class LastFactor(Exception):
    """Nothing but this factor proves the account: it can be replaced, and not removed."""


def _passkeys(account_id: UUID) -> QuerySet[Device]:
    from accounts.passkeys import Passkey  # loaded last: see `accounts.models`

    confirmed: QuerySet[Device] = Passkey.objects.filter(user=account_id, confirmed=True)
    return confirmed


FACTORS = Question(
    apps=lambda account: count(EncryptedTOTPDevice.objects.filter(user=account, confirmed=True)),
    passkeys=lambda account: count(_passkeys(account)),
)


def in_use(account: "Account") -> list[Device]:
    """What proves that it is them: authenticator and passkeys. Recovery codes are no factor."""
    apps = EncryptedTOTPDevice.objects.filter(user=account, confirmed=True)
    return [*apps, *_passkeys(account.pk)]


@contextmanager
def changing(account: "Account") -> Iterator[None]:
    """Change what proves this account, one change at a time. It ends every session.

    Raises LastFactor, and changes nothing, when no factor would be left.
    """
    with transaction.atomic():
        account.lock()
        yield
        if not in_use(account):
            raise LastFactor
        account.end_sessions()


def remove(device: Device) -> None:
    """Take a factor out of use. Raises LastFactor when it is the only one."""
    with changing(device.user):
        device.delete()
        Notice.objects.tell([device.user], Kind.FACTOR_REMOVED, factor=device.kind)


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

    def prove(self, account: "Account", seed: str, code: str) -> "EncryptedTOTPDevice":
        """Set a seed up that is in the app already, as its code shows; CodeRefused if it is not."""
        device: EncryptedTOTPDevice = self.create(user=account, confirmed=False, seed=seed)
        if not verify_token(account, device.persistent_id, code):
            raise CodeRefused
        return device

    def in_use(self, account: "Account") -> "EncryptedTOTPDevice | None":
        """The account's authenticator, once it is set up."""
        device: EncryptedTOTPDevice | None = self.filter(user=account, confirmed=True).first()
        return device


class EncryptedTOTPDevice(ThrottlingMixin, Device):
    """An authenticator app: codes of six digits by time (RFC 6238), each good once."""

    kind = "authenticator app"  # as it is called in a sentence

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

        Raises Superseded when another factor was put to use first.
        """
        with changing(self.user):
            if in_use(self.user):
                raise Superseded
            self._put_to_use()
            return RecoveryDevice.objects.make(self.user)

    def replace(self) -> None:
        """Put this authenticator to use, in the place of the one before if there was one."""
        with changing(self.user):
            EncryptedTOTPDevice.objects.filter(user=self.user, confirmed=True).delete()
            self._put_to_use()
            Notice.objects.tell([self.user], Kind.FACTOR_ADDED, factor=self.kind)

    def replace_all(self) -> list[str]:
        """After a recovery: in the place of every factor and code there was. Returns new codes."""
        with changing(self.user):
            for device in in_use(self.user):
                device.delete()
            self._put_to_use()
            return RecoveryDevice.objects.make(self.user)

    def _put_to_use(self) -> None:
        pending = EncryptedTOTPDevice.objects.filter(pk=self.pk, confirmed=False)
        if not pending.update(confirmed=True):
            raise Superseded

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

    def renew(self, account: "Account") -> list[str]:
        """Ten new codes in place of all earlier ones, as a change of its own."""
        with changing(account):
            Notice.objects.tell([account], Kind.RECOVERY_CODES_MADE)
            return self.make(account)

    def make(self, account: "Account") -> list[str]:
        """The same within a larger change. This is the only time that the codes can be read."""
        device, _ = self.update_or_create(user=account, defaults={"made_at": ClockNow()})
        codes = [new_recovery_code() for _ in range(RECOVERY_CODES)]
        device.codes.all().delete()
        RecoveryCode.objects.bulk_create(
            RecoveryCode(device=device, digest=device.digest(code)) for code in codes
        )
        return [grouped(code) for code in codes]

    def with_code(self, username: str, code: str) -> "RecoveryDevice | None":
        """Whose unused code this is. The same is asked for a name that nobody has."""
        named = self.filter(user__canonical=usernames.canonical(username)).first()
        device: RecoveryDevice = named or RecoveryDevice(pk=0)
        holds = RecoveryCode.objects.filter(device_id=device.pk, digest=device.digest(code))
        return device if holds.exists() else None


class RecoveryDevice(Device):
    """Codes on paper. They open the panel when the app is lost, and confirm nothing irreversible.

    Not throttled: they cannot be guessed, and so nobody's guesses can lock their owner out.
    """

    kind = "recovery code"

    name = models.CharField(max_length=64, default="Recovery codes")
    made_at = models.DateTimeField(db_default=ClockNow())

    objects: ClassVar[RecoveryManager] = RecoveryManager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user"], name="one_set_of_recovery_codes"),)

    def digest(self, code: str) -> bytes:
        """What is kept of a code, however it is typed: keyed, and of this set alone."""
        typed = re.sub(r"[\s-]", "", code).upper()
        return vault.index(PLATFORM, f"recovery code|{self.pk}|{typed}")

    def verify_token(self, token: str) -> bool:
        """For django_otp alone. The code is gone with its use."""
        used, _ = self.codes.filter(digest=self.digest(token)).delete()
        return bool(used)


class RecoveryCode(models.Model):
    """One recovery code that was not used yet."""

    device = models.ForeignKey(RecoveryDevice, on_delete=models.CASCADE, related_name="codes")
    digest = models.BinaryField(max_length=16, unique=True)

    def __str__(self) -> str:
        return f"a code of {self.device_id}"
