"""Who asks to join a server, and who was admitted."""

import uuid
from datetime import timedelta
from typing import ClassVar, Self
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from enigm_command.lib.fields import SealedText
from servers.models import Server, Standing

from . import handles
from .replay import Spent

__all__ = [
    "AlreadyDecided",
    "AlreadyRemoved",
    "JoinRequest",
    "Membership",
    "NotTakingMembers",
    "Spent",
]

WAITS = timedelta(days=14)
KEPT = timedelta(days=30)  # after the decision
LONGEST_NAME, LONGEST_NOTE = 60, 280
OVERDUE = Q(decision="", asked_at__lte=Now() - WAITS)
LONG_DECIDED = ~Q(decision="") & Q(decided_at__lte=Now() - KEPT)
NO_NAME = "(no name)"


class AlreadyDecided(Exception):
    """Someone else answered this join request first, or it was withdrawn, or its time was up."""


class NotTakingMembers(Exception):
    """The server's standing lets nobody join at present."""


class AlreadyRemoved(Exception):
    """This membership has ended before."""


class JoinRequestQuerySet(models.QuerySet["JoinRequest"]):
    def of(self, server: Server | UUID) -> Self:
        """The requests to join one server."""
        return self.filter(server=server)

    def waiting(self) -> Self:
        """Undecided, and asked within the last 14 days."""
        return self.filter(decision="", asked_at__gt=Now() - WAITS)

    def overdue(self) -> Self:
        """Undecided for longer than anyone need wait for an answer."""
        return self.filter(OVERDUE)

    def forgettable(self) -> Self:
        """What no longer serves anyone: never decided in time, or decided 30 days ago."""
        return self.filter(OVERDUE | LONG_DECIDED)

    def decide(self, join_request: "JoinRequest", decision: "JoinRequest.Decision") -> None:
        """Move one request out of the queue; exactly one caller can win.

        What was told only for the review is erased with it.
        """
        won = (
            self.waiting()
            .filter(pk=join_request.pk)
            .update(decision=decision, decided_at=Now(), note=None, fingerprint=None)
        )
        if not won:
            raise AlreadyDecided


class JoinRequest(models.Model):
    """Someone who knows the Server ID asks to be admitted. It opens nothing until it is approved.

    Whoever asks is known here by a handle; name and note are what they typed. `secret_hash` is the
    SHA-256 of the secret by which the app asks how the request fares.
    """

    class Decision(models.TextChoices):
        APPROVED = "approved"
        REJECTED = "rejected"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    server = models.ForeignKey(Server, models.PROTECT, related_name="join_requests")
    handle = models.UUIDField()
    secret_hash = models.BinaryField(unique=True)
    display_name = SealedText(max_length=LONGEST_NAME)
    note = SealedText(max_length=LONGEST_NOTE, null=True)
    fingerprint = SealedText(null=True)  # of their identity key: in clear it would link servers
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    decision = models.CharField(max_length=16, choices=Decision, blank=True, default="")
    decided_at = models.DateTimeField(null=True)

    objects: ClassVar[JoinRequestQuerySet] = JoinRequestQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = (
            models.UniqueConstraint(
                name="join_request_one_open_each",
                fields=["server", "handle"],
                condition=Q(decision=""),
            ),
            models.UniqueConstraint(  # the queue is read by this key, page after page
                name="join_request_own_place_in_queue",
                fields=["server", "asked_at"],
                condition=Q(decision=""),
            ),
            models.CheckConstraint(
                name="join_request_decision_known",
                condition=Q(decision__in=["", "approved", "rejected"]),
            ),
            models.CheckConstraint(
                name="join_request_decision_has_a_time",
                condition=Q(decision="", decided_at=None)
                | (~Q(decision="") & Q(decided_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="join_request_decided_keeps_no_note",
                condition=Q(decision="") | Q(note__isnull=True, fingerprint__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def shown_name(self) -> str:
        """What the person typed as a name, which proves nothing."""
        return str(self.display_name or NO_NAME)

    @property
    def short_handle(self) -> str:
        return handles.short(self.handle)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def of(self, server: Server | UUID) -> Self:
        """The members of one server."""
        return self.filter(server=server)

    def oldest_first(self) -> Self:
        """In the order in which they came."""
        return self.order_by("since", "pk")

    def admit(self, join_request: JoinRequest) -> "Membership":
        """Make a member of whoever asked: only while their request is being approved.

        NotTakingMembers unless the server is active at this moment.
        """
        active = Server.objects.filter(pk=join_request.server_id, standing=Standing.ACTIVE)
        if not active.exists():
            raise NotTakingMembers
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


class Membership(models.Model):
    """Admitted to a server: the row exists exactly as long as the membership does."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    server = models.ForeignKey(Server, models.PROTECT, related_name="memberships")
    handle = models.UUIDField()
    display_name = SealedText(max_length=LONGEST_NAME)
    since = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[MembershipQuerySet] = MembershipQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
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
