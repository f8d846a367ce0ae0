"""Who asks to join a server, and how they were answered."""

import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, ClassVar, Self
from uuid import UUID

from django.contrib.postgres.indexes import GinIndex
from django.db import models, transaction
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Now

from accounts.notices import Kind, Notice
from enigm_command.lib.clock import LONG_AGO
from enigm_command.lib.fields import SealedText, WordMarks
from enigm_command.lib.wording import counted
from membership import handles
from servers.models import PolicyVersion, Server

WAITS = timedelta(days=14)
KEPT = timedelta(days=30)  # after the decision
APART = timedelta(hours=1)  # from one notice to the next
LONGEST_NAME, LONGEST_NOTE = 60, 280
OVERDUE = Q(decision="", asked_at__lte=Now() - WAITS)
LONG_DECIDED = ~Q(decision="") & Q(decided_at__lte=Now() - KEPT)
NO_NAME = "(no name)"


class AlreadyDecided(Exception):
    """Someone else answered this join request first, or it was withdrawn, or its time was up."""


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

    def decided(self) -> Self:
        """Answered by an administrator within the last 30 days."""
        return self.exclude(decision="").filter(decided_at__gt=Now() - KEPT)

    def marked(self, marks: Iterable[UUID]) -> Self:
        """Those whose name has all the words that these marks stand for."""
        return self.filter(words__contains=list(marks))

    def earlier(self, server: Server, handles: Iterable[UUID]) -> dict[UUID, int]:
        """How often each of these people asked before and was answered, as far as it is known."""
        answered = self.of(server).exclude(decision="").filter(handle__in=handles)
        return dict(answered.values_list("handle").annotate(Count("pk")).order_by())

    def untold(self) -> Self:
        """Those waiting of whom no administrator was told."""
        return self.waiting().filter(told_at=None)

    @transaction.atomic
    def tell(self, server: Server) -> None:
        """Tell the server's administrators how many have asked since they were last told.

        Once an hour at most, however often people ask and take it back.
        """
        if _told_lately(server):
            return
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
        """What was decided 30 days ago and keeps nobody from asking again."""
        return self.filter(LONG_DECIDED).exclude(pk__in=JoinRequest.objects.rejected_for_good())

    def rejected_for_good(self) -> Self:
        """What outlives that, without its name: on servers whose policy lets nobody ask again."""
        versions = PolicyVersion.objects.filter(server=OuterRef("server")).order_by("-number")
        again_after = versions.values("ask_again_after")[:1]
        rejected = self.filter(LONG_DECIDED, decision=JoinRequest.Decision.REJECTED)
        return rejected.alias(again_after=Subquery(again_after)).filter(again_after=None)

    def forget_names(self) -> None:
        """Forget what these people typed as a name, and what finds it."""
        self.update(display_name=None, words=[])

    def decide(
        self,
        join_request: "JoinRequest",
        decision: "JoinRequest.Decision",
        grounds: "JoinRequest.Grounds | str" = "",
    ) -> None:
        """Move one request out of the queue; exactly one caller can win.

        What was told only for the review is erased with it.
        """
        told = {"note": None, "compare_code": None}
        won = (
            self.waiting()
            .filter(pk=join_request.pk)
            .update(decision=decision, grounds=grounds, decided_at=Now(), **told)
        )
        if not won:
            raise AlreadyDecided


def _told_lately(server: Server) -> bool:
    accounts = server.administrators.values("account")
    told = Notice.objects.filter(account__in=accounts, kind=Kind.JOIN_REQUESTS_WAITING)
    return told.filter(server_id=server.pk, at__gt=Now() - APART).exists()


class JoinRequest(models.Model):
    """Someone who knows the Server ID asks to be admitted. It opens nothing until it is approved.

    Whoever asks is known here by a handle; name and note are what they typed. `secret_hash` is the
    SHA-256 of the secret by which the app asks how the request fares.
    """

    class Decision(models.TextChoices):
        APPROVED = "approved"
        REJECTED = "rejected"

    class Grounds(models.TextChoices):
        """Why somebody was rejected. One word each: the log shows it as it is."""

        UNKNOWN = "unknown", "Nobody here knows them"
        UNCONFIRMED = "unconfirmed", "The compare code was not confirmed"
        MISTAKEN = "mistaken", "They meant another server"
        UNNEEDED = "unneeded", "There is no need for them to be here"
        UNSTATED = "unstated", "No reason given"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    server = models.ForeignKey(Server, models.PROTECT, related_name="join_requests")
    handle = models.UUIDField()
    secret_hash = models.BinaryField(unique=True)
    display_name = SealedText(max_length=LONGEST_NAME, null=True)
    words = WordMarks(of="display_name")
    note = SealedText(max_length=LONGEST_NOTE, null=True)
    compare_code = SealedText(null=True)  # of their identity key, which itself would link servers
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    told_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=16, choices=Decision, blank=True, default="")
    grounds = models.CharField(max_length=16, choices=Grounds, blank=True, default="")
    decided_at = models.DateTimeField(null=True)

    objects: ClassVar[JoinRequestQuerySet] = JoinRequestQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["server", "handle"], name="join_request_of_whom"),
            models.Index(
                fields=["server", "decided_at"],
                condition=~Q(decision=""),
                name="join_request_decided",
            ),
            GinIndex(fields=["words"], name="join_request_words"),
        ]
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
                name="join_request_grounds_only_of_a_rejection",
                condition=Q(grounds="") | Q(decision="rejected"),
            ),
            models.CheckConstraint(
                name="join_request_decision_has_a_time",
                condition=Q(decision="", decided_at=None)
                | (~Q(decision="") & Q(decided_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="join_request_decided_keeps_no_note",
                condition=Q(decision="") | Q(note__isnull=True, compare_code__isnull=True),
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
