"""Who may administer a server."""

import uuid

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models
from django.db.models.functions import Now

from accounts.notices import Kind, Notice
from accounts.proposals import NotOpen
from servers.models.server import Server


class AdministratorQuerySet(models.QuerySet["Administrator"]):
    def tell(self, kind: Kind, **facts: str | int) -> None:
        """Tell everyone who holds one of these powers, each about their server."""
        for power in self.select_related("account"):
            Notice.objects.tell([power.account], kind, server_id=power.server_id, **facts)

    def admit(self, server: Server, account_id: uuid.UUID) -> tuple["Administrator", bool]:
        """Give an account the power over a server; with it, whether it is new to them.

        The account's row is locked, so that it is not closed at the same moment. NotOpen when it
        was before.
        """
        accounts = get_user_model().objects.select_for_update(no_key=True)
        if accounts.filter(pk=account_id, is_active=True).first() is None:
            raise NotOpen
        return self.get_or_create(server=server, account_id=account_id)

    def renew(self, power: "Administrator") -> "Administrator":
        """End a power and begin a new one of the same account, since when it had the old one.

        Whatever was about to be done by the old one is refused.
        """
        power.delete()
        return self.create(server=power.server, account=power.account, since=power.since)


class Administrator(models.Model):
    """The power over one server: the row exists exactly as long as the power does.

    The last one of a living server cannot go, nor can its owner; deferred triggers look at commit.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    server = models.ForeignKey(Server, on_delete=models.PROTECT, related_name="administrators")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="administrations"
    )
    since = models.DateTimeField(db_default=Now(), editable=False)
    first_steps_hidden_at = models.DateTimeField(null=True)

    objects = AdministratorQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(name="administrator_once", fields=["server", "account"]),
        )

    def __str__(self) -> str:
        return str(self.pk)
