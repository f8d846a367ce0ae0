"""A customer's dedicated server, from the day it is created to the tombstone that stays."""

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q, Subquery
from django.db.models.functions import Now

from enigm_command.lib import locator as locators
from enigm_command.lib.fields import SealedText
from servers.regions import Region

if TYPE_CHECKING:
    from accounts.models import Account

KEPT_AFTER_DELETION = timedelta(days=400)  # what those who administered it may still look up


class Standing(models.TextChoices):
    """What a server may do at present."""

    ACTIVE = "active", "Active"
    RESTRICTED = "restricted", "Restricted"
    SUSPENDED = "suspended", "Suspended"
    RETIRING = "retiring", "Retiring"
    DELETING = "deleting", "Being deleted"
    DELETED = "deleted", "Deleted"


class ServerQuerySet(models.QuerySet["Server"]):
    def for_account(self, account: "Account") -> "ServerQuerySet":
        """The servers this account administers."""
        return self.filter(administrators__account=account)

    def ready(self) -> "ServerQuerySet":
        """Those that have their Server ID, so people can find them."""
        return self.filter(locator__isnull=False)

    def known_as(self, locator: str) -> "ServerQuerySet":
        """The one that has, or once had, this Server ID: for those who are in it already.

        One query in both cases, so that time does not tell an old Server ID from none.
        """
        former = FormerLocator.objects.filter(locator=locator).values("server")
        return self.filter(Q(locator=locator) | Q(pk=Subquery(former)))

    def lock(self, server: "Server") -> "Server":
        """Let nobody else change who owns or administers it until the transaction ends."""
        return self.select_for_update(no_key=True).get(pk=server.pk)

    def rotate(self, server: "Server") -> str:
        """Give it a new Server ID in place of the one seen; AlreadyRotated if another was first."""
        new = locators.make()
        if not self.filter(pk=server.pk, locator=server.locator).update(locator=new):
            raise AlreadyRotated
        return new

    def hand_over(self, server: "Server", heir: UUID) -> None:
        """Make another account the owner; NotTheOwner when the one seen owns it no longer."""
        if not self.filter(pk=server.pk, owner=server.owner_id).update(owner=heir):
            raise NotTheOwner


class AlreadyRotated(Exception):
    """The Server ID that was to be replaced is not the server's any more."""


class NotTheOwner(Exception):
    """The server has got another owner meanwhile."""


class Server(models.Model):
    """One customer's place for encrypted objects. `locator` is the Server ID people share.

    `standing` is only the fact; the records that are its reasons stand in `lifecycle`.
    A deleted server's row stays as the tombstone: without a name, and its key is gone.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    locator = models.CharField(max_length=40, unique=True, null=True, editable=False)  # noqa: DJ001
    region = models.CharField(max_length=8, choices=Region)
    standing = models.CharField(max_length=12, choices=Standing, default=Standing.ACTIVE)
    name = SealedText(scope="id", max_length=60, null=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="owned_servers"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = ServerQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="server_region_known", condition=models.Q(region__in=Region.values)
            ),
            models.CheckConstraint(
                name="server_standing_known", condition=models.Q(standing__in=Standing.values)
            ),
            models.CheckConstraint(
                name="server_tombstone_keeps_no_name",
                condition=~models.Q(standing="deleted") | models.Q(name__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_ready(self) -> bool:
        """Has it got its Server ID?"""
        return self.locator is not None

    @property
    def shown_name(self) -> str:
        """Its name, as long as it has one."""
        return self.name or "Deleted server"

    @property
    def is_deleted(self) -> bool:
        """Is nothing left but the tombstone?"""
        return self.standing == Standing.DELETED

    @property
    def is_deleting(self) -> bool:
        """Is its deletion ordered, and not at its end?"""
        return self.standing == Standing.DELETING


class FormerLocator(models.Model):
    """A Server ID that was replaced. A trigger writes it, and refuses it to any other server.

    Nobody can ask to join by it; whoever is in already is still found by it.
    """

    locator = models.CharField(max_length=40, primary_key=True)
    server = models.ForeignKey(Server, on_delete=models.PROTECT, related_name="former_locators")
    replaced_at = models.DateTimeField(db_default=Now(), editable=False)

    def __str__(self) -> str:
        return self.locator
