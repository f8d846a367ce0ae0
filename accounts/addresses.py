"""E-mail addresses: none counts before a link that was mailed to it has been opened.

`Account.email` is an address that was proved so, or None. One that waits for its proof lies here.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID, uuid4

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import models, transaction
from django.urls import reverse

from accounts.mail import Letter, Mail
from accounts.notices import Kind, Notice
from enigm_command.lib.clock import ClockNow
from enigm_command.lib.fields import SealedText
from enigm_command.lib.vault import PLATFORM

if TYPE_CHECKING:
    from accounts.models import Account

HOLDS = timedelta(hours=1)  # how long a link can be used
TEXT = (
    "Somebody, most likely you, entered this address for an account. Open the link within an hour,"
    " signed in to that account, and notices will go here. If it was not you, do nothing."
)


class NewAddressQuerySet(models.QuerySet["NewAddress"]):
    def awaited(self) -> "NewAddressQuerySet":
        """Those whose link can still be used."""
        return self.filter(asked_at__gt=ClockNow() - HOLDS)

    def forgettable(self) -> "NewAddressQuerySet":
        """Those whose link was not used in time."""
        return self.filter(asked_at__lte=ClockNow() - HOLDS)

    @transaction.atomic
    def ask(self, account: "Account", address: str) -> None:
        """Mail a link to a new address. It takes the place of one that was asked for before."""
        self.filter(account=account).delete()
        asked = self.create(account=account, address=address)
        Mail.objects.post(address, asked.letter)

    def named_by(self, token: str, account: "Account") -> "NewAddress | None":
        """The one that a link is for; None for anybody else's, used and late ones."""
        try:
            pk = UUID(_signer().unsign(token))
        except (BadSignature, ValueError):
            return None
        return self.awaited().filter(pk=pk, account=account).first()

    @transaction.atomic
    def prove(self, asked: "NewAddress") -> bool:
        """The link was opened: the address counts from now on. False for the second of two."""
        account, address = asked.account, asked.address
        if not self.filter(pk=asked.pk).delete()[0]:
            return False
        Notice.objects.tell([account], Kind.EMAIL_CHANGED)  # by mail to the address so far
        account.email = address
        account.save(update_fields=["email"])
        return True


class NewAddress(models.Model):
    """An address that somebody entered for their account, and has not proved yet."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="new_address"
    )
    address = SealedText(scope=PLATFORM)
    asked_at = models.DateTimeField(db_default=ClockNow())

    objects: ClassVar[NewAddressQuerySet] = NewAddressQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def letter(self) -> Letter:
        """The mail with the link."""
        path = reverse("email-proof", args=[_signer().sign(str(self.pk))])
        return Letter("Is this your address?", TEXT, "Confirm the address", path)


@transaction.atomic
def remove(account: "Account") -> None:
    """Keep no address of this account, and tell so at the one it had."""
    Notice.objects.tell([account], Kind.EMAIL_REMOVED)
    NewAddress.objects.filter(account=account).delete()
    account.email = None
    account.save(update_fields=["email"])


def _signer() -> Signer:
    return Signer(salt="accounts.addresses")
