"""People who run the platform. They come about on the machine itself, with their second factor.

What must never happen: an operator whom nobody appointed, or one who enters by a password alone.
What prevents it: the row that is the power changes only with an entry in the platform's own log,
and it is made in one transaction with an authenticator whose code was typed.
"""

from typing import TYPE_CHECKING, ClassVar
from uuid import uuid4

from django.conf import settings
from django.db import models

from accounts import usernames
from accounts.factors import EncryptedTOTPDevice
from audit.authority import Authority
from audit.vocabulary import Capacity
from enigm_command.lib.clock import ClockNow

if TYPE_CHECKING:
    from accounts.models import Account


class OperatorQuerySet(models.QuerySet["Operator"]):
    def appoint(self, account: "Account", seed: str, code: str) -> "Operator":
        """Make a new account an operator's; CodeRefused unless `seed` is in its app."""
        EncryptedTOTPDevice.objects.prove(account, seed, code).replace()
        return self.create(account=account)

    def named(self, username: str) -> "Operator":
        """The operator of this name; Operator.DoesNotExist when there is none."""
        return self.select_related("account").get(account__canonical=usernames.canonical(username))


class Operator(models.Model):
    """The power to run the platform: the row exists exactly as long as the power does."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="operator"
    )
    since = models.DateTimeField(db_default=ClockNow(), editable=False)

    objects: ClassVar[OperatorQuerySet] = OperatorQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def authority(self) -> Authority:
        """What this operator acts with, on every server and on the platform."""
        return Authority(
            Capacity.OPERATOR,
            name=self.account.username,
            actor=self.account_id,
            warrant=self,
        )
