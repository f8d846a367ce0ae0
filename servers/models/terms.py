"""Who accepted which version of the words about responsibility."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from servers.models.books import OldestYear

if TYPE_CHECKING:
    from accounts.models import Account


class AcceptanceQuerySet(models.QuerySet["Acceptance"]):
    def accept(self, account: "Account", version: str) -> "Acceptance":
        """Remember that this account accepted this version; the first time counts."""
        acceptance, _ = self.get_or_create(account=account, version=version)
        return acceptance

    def forgettable(self) -> "AcceptanceQuerySet":
        """Those of accounts that were closed so long ago that nobody asks any more."""
        return self.filter(account__closed_at__lt=OldestYear())


class Acceptance(models.Model):
    """One account's word that it answers for how it runs servers, by the version it was shown."""

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="acceptances"
    )
    version = models.CharField(max_length=10)
    accepted_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = AcceptanceQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(name="acceptance_once", fields=["account", "version"]),
        )

    def __str__(self) -> str:
        return self.version
