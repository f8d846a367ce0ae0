"""Who may administer a server."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from servers.models.server import Server


class Administrator(models.Model):
    """The power over one server: the row exists exactly as long as the power does.

    The last one of a living server cannot go; a deferred trigger counts at commit.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    server = models.ForeignKey(Server, on_delete=models.PROTECT, related_name="administrators")
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="administrations"
    )
    since = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(name="administrator_once", fields=["server", "account"]),
        )

    def __str__(self) -> str:
        return str(self.pk)
