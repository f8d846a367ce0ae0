"""Confirmations: a person's yes to exactly one act, with a factor proved for it and nothing else.

What must never happen: a yes is used for another act, by somebody else, later, or twice. What
prevents it: it holds a digest of the act and of all that was shown, and is spent by one statement
that compares everything and can succeed only once.
"""

import json
from datetime import timedelta
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Self
from uuid import UUID, uuid4

from django.conf import settings
from django.db import models, transaction
from django.http import HttpRequest

from accounts import stepup
from accounts.stepup import FRESH
from enigm_command.lib import clock
from enigm_command.lib.clock import ClockNow

if TYPE_CHECKING:
    from accounts.models import Account

KEPT = timedelta(days=1)


def digest_of(act: str, *parts: str) -> bytes:
    """SHA-256 over the act and its parts as a JSON list: no two acts are written the same way."""
    return sha256(json.dumps([act, *parts]).encode()).digest()


class ConfirmationQuerySet(models.QuerySet["Confirmation"]):
    def offer(self, account: "Account", act: str, *parts: str) -> "Confirmation":
        """Ask this account to confirm the act, described in full by its parts."""
        return self.create(account=account, act=act, digest=digest_of(act, *parts))

    def of(self, account: "Account") -> Self:
        """What one account was asked."""
        return self.filter(account_id=account.pk)

    def open(self) -> Self:
        """What may still be confirmed: asked within five minutes, and not spent."""
        return self.filter(offered_at__gt=ClockNow() - FRESH, spent_at=None)

    def spend(self, pk: UUID, account: "Account", act: str, *parts: str) -> bool:
        """Use a proved confirmation up for this act of this account. True for one caller only."""
        mine = self.of(account).open().filter(pk=pk, proved_at__isnull=False)
        return bool(mine.filter(digest=digest_of(act, *parts)).update(spent_at=ClockNow()))

    def allows(self, pk: UUID, account: "Account", act: str, *parts: str) -> bool:
        """`spend` for an act that takes the confirmation's id and is there once by that.

        Sent twice, both may go on: the second finds the act, or finishes what the first began.
        """
        used = self.of(account).filter(pk=pk, digest=digest_of(act, *parts), spent_at__isnull=False)
        within = used.filter(offered_at__gt=ClockNow() - FRESH)
        return self.spend(pk, account, act, *parts) or within.exists()

    def old(self) -> Self:
        """What nobody can need any more."""
        return self.filter(offered_at__lt=ClockNow() - KEPT)


class Confirmation(models.Model):
    """One question to one account: do you want exactly this? Its id becomes the id of the act."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    act = models.CharField(max_length=64)
    digest = models.BinaryField(max_length=32)
    offered_at = models.DateTimeField(db_default=ClockNow(), editable=False)
    proved_at = models.DateTimeField(null=True)
    spent_at = models.DateTimeField(null=True)

    objects = ConfirmationQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="confirmation_is_proved_before_it_is_spent",
                condition=models.Q(spent_at=None) | models.Q(proved_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"confirmation {self.pk}"

    @property
    def is_over(self) -> bool:
        """Was it asked too long ago to be answered now?"""
        return clock.now() - self.offered_at >= FRESH

    def is_for(self, act: str, *parts: str) -> bool:
        """Is this the act that was asked about?"""
        return bytes(self.digest) == digest_of(act, *parts)

    def prove(self, request: HttpRequest, code: str) -> bool:
        """Confirm with a code of the authenticator app, unless that is done already.

        TooMany after many wrong ones. Like `stepup.verify`, never inside a transaction.
        """
        if self.account_id != request.user.pk:
            return False
        return bool(self.proved_at) or stepup.counted(request, partial(self._prove, request, code))

    @transaction.atomic
    def _prove(self, request: HttpRequest, code: str) -> bool:
        """A code that is sent twice at once is looked at once: the other waits, and finds this."""
        held = Confirmation.objects.select_for_update().get(pk=self.pk)
        if held.proved_at:
            return True
        return stepup.matches(request, code) and held.mark_proved()

    def mark_proved(self) -> bool:
        """A factor of its account was proved for it. False when it is over or was used up."""
        asked = Confirmation.objects.open().filter(pk=self.pk, proved_at=None)
        return bool(asked.update(proved_at=ClockNow()))
