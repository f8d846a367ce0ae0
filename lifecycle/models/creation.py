"""The work of making a server."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from enigm_command.lib.leases import Leased, LeasedQuerySet
from servers.models import Server


class CreationQuerySet(LeasedQuerySet["Creation"]):
    def unfinished(self) -> "CreationQuerySet":
        """Paid for, and the server not made yet."""
        return self.filter(server__isnull=True)


class Creation(Leased):
    """The work of making the server that one purchase paid for.

    It knows the purchase by its bare id and copies nothing of it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purchase_id = models.UUIDField(unique=True)
    server = models.OneToOneField(
        Server, on_delete=models.PROTECT, null=True, related_name="creation"
    )
    attempts = models.PositiveIntegerField(default=0)
    begun_at = models.DateTimeField(db_default=Now(), editable=False)
    finished_at = models.DateTimeField(null=True)

    objects: ClassVar[CreationQuerySet] = CreationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="creation_finished_has_its_server",
                condition=Q(server__isnull=True, finished_at__isnull=True)
                | Q(server__isnull=False, finished_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"creation {self.pk}"
