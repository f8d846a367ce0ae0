"""Records about a server: how it came to be, what holds it back, how it ends.

The open ones are the reasons of `Server.standing`; `lifecycle.standing` draws the conclusion.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.db.models.functions import Now

from audit.vocabulary import Capacity
from enigm_command.lib import clock
from enigm_command.lib.clock import ClockNow
from enigm_command.lib.doorbell import ring
from enigm_command.lib.fields import SealedText
from enigm_command.lib.leases import Leased, LeasedQuerySet
from servers.models import Server, Standing


class AlreadyInForce(Exception):
    """The server is suspended by this party, or its deletion is ordered, already."""


class NothingToLift(Exception):
    """There is nothing in force that this party placed, or its clock has run out."""


class Party(models.TextChoices):
    """Who placed a record. Only the same party lifts it again."""

    SERVER = "server", "the server's administrators"
    PLATFORM = "platform", "the platform's operators"

    @classmethod
    def of(cls, capacity: Capacity) -> "Party":
        """Operators act for the platform, everyone else for the server."""
        return cls.PLATFORM if capacity == Capacity.OPERATOR else cls.SERVER


@contextmanager
def _once() -> Iterator[None]:
    """A second open record of the same kind is refused by its constraint."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as twin:
        raise AlreadyInForce from twin


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


class SuspensionQuerySet(models.QuerySet["Suspension"]):
    def open(self) -> "SuspensionQuerySet":
        """Those in force."""
        return self.filter(lifted_at__isnull=True)

    def place(
        self, server: Server, *, party: Party, placed_by: UUID | None, reason: str
    ) -> "Suspension":
        """Suspend for one party; AlreadyInForce when it has done so."""
        with _once():
            return self.create(
                server=server, party=party, placed_by_id=placed_by, reason=reason or None
            )

    def lift(self, server: Server, party: Party) -> bool:
        """End what this party placed. What the other party placed stays."""
        return bool(self.open().filter(server=server, party=party).update(lifted_at=ClockNow()))


class Suspension(models.Model):
    """Nothing is read or written meanwhile; leaving, own deletion and expiry go on."""

    STANDING: ClassVar[Standing] = Standing.SUSPENDED

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    server = models.ForeignKey(Server, on_delete=models.PROTECT, related_name="suspensions")
    party = models.CharField(max_length=8, choices=Party)
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    reason = SealedText(max_length=280, null=True)
    placed_at = models.DateTimeField(db_default=ClockNow(), editable=False)
    lifted_at = models.DateTimeField(null=True)

    objects = SuspensionQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                name="suspension_one_open_for_each_party",
                fields=["server", "party"],
                condition=Q(lifted_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"suspension {self.pk}"


class ServerDeletionQuerySet(LeasedQuerySet["ServerDeletion"]):
    def open(self) -> "ServerDeletionQuerySet":
        """Ordered and not called off; a finished one stays in force for good."""
        return self.filter(called_off_at__isnull=True)

    def unfinished(self) -> "ServerDeletionQuerySet":
        """Past its time and not carried through."""
        return self.open().filter(finished_at__isnull=True, due_at__lte=ClockNow())

    def order(
        self, server: Server, *, ordered_by: UUID | None, delay: timedelta
    ) -> "ServerDeletion":
        """Start the clock; AlreadyInForce when it runs. Without a delay it is due at commit."""
        with _once():
            deletion = self.create(
                server=server, ordered_by_id=ordered_by, due_at=clock.now() + delay
            )
        ring("lifecycle.delete_server", deletion.pk)
        return deletion

    def call_off(self, server: Server) -> bool:
        """End a deletion whose time has not come: only one of caller and clock can win."""
        waiting = self.open().filter(server=server, finished_at__isnull=True)
        return bool(waiting.filter(due_at__gt=ClockNow()).update(called_off_at=ClockNow()))


class ServerDeletion(Leased):
    """The end of a server: unavailable since this row's commit, destroyed once `due_at` is past.

    The counts are of what was closed with it; objects are counted by the receipt of the content
    order, which has the same id as this row.
    """

    LEASE: ClassVar[timedelta] = timedelta(minutes=3)  # one go at the purge may take two

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    server = models.ForeignKey(Server, on_delete=models.PROTECT, related_name="deletions")
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    ordered_at = models.DateTimeField(db_default=ClockNow(), editable=False)
    due_at = models.DateTimeField()
    called_off_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    members_closed = models.PositiveIntegerField(null=True)
    join_requests_closed = models.PositiveIntegerField(null=True)

    objects: ClassVar[ServerDeletionQuerySet] = ServerDeletionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = (
            models.UniqueConstraint(
                name="server_deletion_one_open_each",
                fields=["server"],
                condition=Q(called_off_at__isnull=True),
            ),
            models.CheckConstraint(
                name="server_deletion_ends_one_way",
                condition=Q(called_off_at__isnull=True) | Q(finished_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"deletion {self.pk}"

    @property
    def is_due(self) -> bool:
        """Has its clock run out, so that nobody can call it off?"""
        return self.due_at <= clock.now()

    @property
    def standing(self) -> Standing:
        """What this deletion makes of its server."""
        return Standing.DELETED if self.finished_at else Standing.DELETING
