"""Who was admitted to a server, and whose membership ended lately."""

import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, ClassVar, Self
from uuid import UUID

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Now

from enigm_command.lib.fields import SealedText, WordMarks
from membership import handles
from servers.models import Server, Standing

from .join_requests import LONGEST_NAME, NO_NAME, JoinRequest

REMEMBERED = timedelta(days=30)  # as long as anything that a former member sent can live


class NotTakingMembers(Exception):
    """The server's standing lets nobody join at present."""


class AlreadyRemoved(Exception):
    """This membership has ended before."""


class MembershipQuerySet(models.QuerySet["Membership"]):
    def of(self, server: Server | UUID) -> Self:
        """The members of one server."""
        return self.filter(server=server)

    def oldest_first(self) -> Self:
        """In the order in which they came."""
        return self.order_by("since", "pk")

    def marked(self, marks: Iterable[UUID]) -> Self:
        """Those whose name has all the words that these marks stand for."""
        return self.filter(words__contains=list(marks))

    def admit(self, join_request: JoinRequest) -> "Membership":
        """Make a member of whoever asked: only while their request is being approved.

        NotTakingMembers unless the server is active at this moment.
        """
        active = Server.objects.filter(pk=join_request.server_id, standing=Standing.ACTIVE)
        if not active.exists():
            raise NotTakingMembers
        FormerMember.objects.of(join_request.server_id).known_as(join_request.handle).delete()
        return self.create(
            server=join_request.server,
            handle=join_request.handle,
            display_name=join_request.display_name,
        )

    def remove(self, membership: "Membership") -> None:
        """End one membership, from the next request on; exactly one caller can win."""
        ended, _ = self.filter(pk=membership.pk).delete()
        if not ended:
            raise AlreadyRemoved
        FormerMember.objects.create(server_id=membership.server_id, handle=membership.handle)


class Membership(models.Model):
    """Admitted to a server: the row exists exactly as long as the membership does."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    server = models.ForeignKey(Server, models.PROTECT, related_name="memberships")
    handle = models.UUIDField()
    display_name = SealedText(max_length=LONGEST_NAME)
    words = WordMarks(of="display_name")
    since = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[MembershipQuerySet] = MembershipQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes: ClassVar[list[Any]] = [GinIndex(fields=["words"], name="membership_words")]
        constraints = (
            models.UniqueConstraint(name="membership_once", fields=["server", "handle"]),
        )

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def shown_name(self) -> str:
        """What the member typed as a name when they asked to join."""
        return str(self.display_name or NO_NAME)

    @property
    def short_handle(self) -> str:
        return handles.short(self.handle)


class FormerMemberQuerySet(models.QuerySet["FormerMember"]):
    def of(self, server: Server | UUID) -> Self:
        """Those who were members of one server."""
        return self.filter(server=server)

    def known_as(self, handle: UUID) -> Self:
        """The one with this handle."""
        return self.filter(handle=handle)

    def forgettable(self) -> Self:
        """Those of whom nothing can be stored any more."""
        return self.filter(ended_at__lte=Now() - REMEMBERED)


class FormerMember(models.Model):
    """Whose membership ended, while what they sent may still be stored. The name went with it.

    It opens nothing; it only lets an administrator say whose content is to be deleted.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    server = models.ForeignKey(Server, models.PROTECT, related_name="former_members")
    handle = models.UUIDField()
    ended_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[FormerMemberQuerySet] = FormerMemberQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = (
            models.UniqueConstraint(name="former_member_once", fields=["server", "handle"]),
        )

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def short_handle(self) -> str:
        return handles.short(self.handle)
