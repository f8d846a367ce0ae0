"""Who asks to join a server, and who was admitted."""

import uuid
from datetime import timedelta
from typing import ClassVar, Self
from uuid import UUID

from django.db import models, transaction
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Now

from accounts.notices import Kind
from enigm_command.lib.clock import LONG_AGO
from enigm_command.lib.fields import SealedText
from enigm_command.lib.wording import counted
from servers.models import PolicyVersion, Server, Standing

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

    def untold(self) -> Self:
        """Those waiting of whom no administrator was told."""
        return self.waiting().filter(told_at=None)

    @transaction.atomic
    def tell(self, server: Server) -> None:
        """Tell the server's administrators how many have asked since they were last told."""
        people = self.of(server).untold().update(told_at=Now())
        if people:
            said = counted(people, "person,people")
            server.administrators.tell(Kind.JOIN_REQUESTS_WAITING, people=said)

    def rejected(self, handle: UUID, within: timedelta | None) -> Self:
        """How one person was turned away in this time; in all the time there was, without one."""
        since = LONG_AGO if within is None else Now() - within
        rejections = self.filter(handle=handle, decision=JoinRequest.Decision.REJECTED)
        return rejections.filter(decided_at__gt=since)

    def forgettable(self) -> Self:
        """What no longer serves anyone: never decided in time, or decided 30 days ago."""
        long_ago = self.filter(OVERDUE | LONG_DECIDED)
        return long_ago.exclude(pk__in=JoinRequest.objects.rejected_for_good())

    def rejected_for_good(self) -> Self:
        """What outlives that, without its name: on servers whose policy lets nobody ask again."""
        versions = PolicyVersion.objects.filter(server=OuterRef("server")).order_by("-number")
        again_after = versions.values("ask_again_after")[:1]
        rejected = self.filter(LONG_DECIDED, decision=JoinRequest.Decision.REJECTED)
        return rejected.alias(again_after=Subquery(again_after)).filter(again_after=None)

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
    display_name = SealedText(max_length=LONGEST_NAME, null=True)
    note = SealedText(max_length=LONGEST_NOTE, null=True)
    fingerprint = SealedText(null=True)  # of their identity key: in clear it would link servers
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    told_at = models.DateTimeField(null=True)
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
