"""Who is kept from asking again."""

import uuid
from datetime import datetime
from typing import ClassVar, Self
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from enigm_command.lib.fields import SealedText
from membership import handles
from servers.models import Server

LONGEST_REASON = 140


class AlreadyLifted(Exception):
    """This block had ended before."""


class BlockQuerySet(models.QuerySet["Block"]):
    def of(self, server: Server | UUID) -> Self:
        """The blocks of one server."""
        return self.filter(server=server)

    def in_force(self) -> Self:
        """Those whose time is not over."""
        return self.filter(Q(until=None) | Q(until__gt=Now()))

    def over(self) -> Self:
        """Those that only wait to be forgotten."""
        return self.filter(until__lte=Now())

    def holding(self, handle: UUID) -> Self:
        """What keeps this person out at this moment."""
        return self.in_force().filter(handle=handle)

    def place(
        self, server: Server | UUID, handle: UUID, *, until: datetime | None, reason: str = ""
    ) -> "Block":
        """Keep a person from asking again, in place of what kept them out until now."""
        server_id = server.pk if isinstance(server, Server) else server
        self.of(server_id).filter(handle=handle).delete()
        return self.create(server_id=server_id, handle=handle, until=until, reason=reason)

    def lift(self, block: "Block") -> None:
        """Let a person ask again; exactly one caller can win."""
        lifted, _ = self.filter(pk=block.pk).delete()
        if not lifted:
            raise AlreadyLifted


class Block(models.Model):
    """Keeps a person from asking again to join a server, until a moment or (None) for good.

    The person is a handle: whoever comes with another identity is somebody else here. Never a name.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    server = models.ForeignKey(Server, models.PROTECT, related_name="blocks")
    handle = models.UUIDField()
    until = models.DateTimeField(null=True)
    reason = SealedText(max_length=LONGEST_REASON)
    made_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[BlockQuerySet] = BlockQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = (models.UniqueConstraint(name="block_once", fields=["server", "handle"]),)

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def short_handle(self) -> str:
        return handles.short(self.handle)

    @property
    def facts(self) -> dict[str, str]:
        """What an entry says of it in public."""
        until = self.until.isoformat(timespec="seconds") if self.until else "lifted"
        return {"block": str(self.pk), "until": until}

    @property
    def private(self) -> dict[str, str]:
        """What an entry says of it only in private: it stays there when the block is lifted."""
        reason = {"reason": str(self.reason)} if self.reason else {}
        return {"handle": self.short_handle, **reason}
