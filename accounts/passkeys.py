"""Passkeys, and the challenges that they sign.

What must never happen: one signature opens two doors, or another door than the one it was asked
for. What prevents it: a challenge is a row that says who is asked and for what; whoever deletes the
row has its one use. The signature itself is checked in `ceremonies`.

A passkey asks its owner for a fingerprint, a face or a PIN each time, so it is two factors at once.
"""

from datetime import date, timedelta
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID, uuid4

from django.conf import settings
from django.db import models
from django_otp_webauthn.models import AbstractWebAuthnCredential

from enigm_command.lib import clock
from enigm_command.lib.clock import ClockNow
from enigm_command.lib.fields import SealedText
from enigm_command.lib.vault import PLATFORM

if TYPE_CHECKING:
    from accounts.models import Account

LASTS = timedelta(minutes=5)


class Passkey(AbstractWebAuthnCredential):
    """A key pair on somebody's device, of which we keep the public half."""

    kind = "passkey"
    created_at = None  # the library's; ours comes from the database's clock

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = SealedText(scope=PLATFORM)
    made_at = models.DateTimeField(db_default=ClockNow())

    class Meta:
        ordering = ("made_at",)

    @property
    def persistent_id(self) -> str:
        """As django_otp looks devices up: by a number, which a UUID also is."""
        return f"{self.model_label()}/{self.pk.int}"

    @property
    def used_on(self) -> date | None:
        """The day of its last use."""
        return self.last_used_at.date() if self.last_used_at else None

    @classmethod
    def get_by_credential_id(cls, credential_id: bytes) -> "Passkey":
        """The passkey by the id that its device gave it. Its row is locked: one use at a time."""
        digest = cls.get_credential_id_sha256(credential_id)
        passkey: Passkey = cls.objects.select_for_update().get(credential_id_sha256=digest)
        return passkey

    def set_last_used_timestamp(self, commit: bool = True) -> None:
        """Note the day of use: nobody needs the hour. The library saves it."""
        self.last_used_at = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)


class ChallengeQuerySet(models.QuerySet["Challenge"]):
    def over(self) -> "ChallengeQuerySet":
        """Challenges whose answer would come too late."""
        return self.filter(made_at__lte=ClockNow() - LASTS)

    def spend(self, pk: UUID, purpose: str, account: "Account | None") -> str | None:
        """The challenge's text, for one caller only; None when it is over, used or another's."""
        asked = self.filter(pk=pk, purpose=purpose, account=account, made_at__gt=ClockNow() - LASTS)
        challenge = asked.first()
        return challenge.text if challenge and challenge.delete()[0] else None


class Challenge(models.Model):
    """What a passkey is asked to sign: at random, for one purpose, once, within five minutes."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    text = models.CharField(max_length=128, unique=True)  # 64 random bytes in base64url
    purpose = models.CharField(max_length=64)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+"
    )
    made_at = models.DateTimeField(db_default=ClockNow(), db_index=True)

    objects: ClassVar[ChallengeQuerySet] = ChallengeQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return f"challenge {self.pk}"
