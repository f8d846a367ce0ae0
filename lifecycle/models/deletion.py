"""The end of a server, and the receipt of it."""

import uuid
from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from audit.authority import Authority
from content.models.receipts import Document
from enigm_command.lib import clock
from enigm_command.lib.clock import ClockNow
from enigm_command.lib.doorbell import ring
from enigm_command.lib.fields import SealedText
from enigm_command.lib.leases import Leased, LeasedQuerySet
from lifecycle.models.records import (
    LONGEST_REFERENCE,
    Grounds,
    Party,
    once,
    origin,
    reason_label,
)
from lifecycle.models.retirement import Retirement
from servers.models import Server, Standing

READY = Q(due_at__lte=ClockNow()) & (Q(needs_two=False) | Q(agreed_at__isnull=False))


class ServerDeletionQuerySet(LeasedQuerySet["ServerDeletion"]):
    def open(self) -> "ServerDeletionQuerySet":
        """Ordered and not called off; a finished one stays in force for good."""
        return self.filter(called_off_at__isnull=True)

    def waiting(self) -> "ServerDeletionQuerySet":
        """Those that can be called off: the clock runs, or a second person has not agreed."""
        return self.open().filter(~READY, finished_at__isnull=True)

    def unfinished(self) -> "ServerDeletionQuerySet":
        """Past their time and not carried through to the closing of the log."""
        return self.open().filter(READY, log_closed_at__isnull=True)

    def order(
        self,
        server: Server,
        *,
        delay: timedelta,
        needs_two: bool = False,
        at_once: bool = False,
        grounds: Grounds | None = None,
        by: Authority,
    ) -> "ServerDeletion":
        """Start the clock; AlreadyInForce when it runs. Without a delay it is due at commit.

        With `needs_two` nothing is destroyed before a second person agrees; with `at_once` their
        agreement is the end of the delay.
        """
        who = origin(by, grounds)
        asked = {"needs_two": needs_two, "at_once": at_once}
        return self._start(server, delay, ordered_by_id=who.pop("placed_by_id"), **asked, **who)

    def follow(self, retirement: Retirement) -> "ServerDeletion":
        """Destroy what has run dry, for whoever retired it: due at commit."""
        who = {"party": retirement.party, "code": retirement.code}
        return self._start(retirement.server, timedelta(0), **who)

    def call_off(self, server: Server, party: Party) -> bool:
        """End what this party ordered before its time: only one of caller and clock can win."""
        own = self.waiting().filter(server=server, party=party)
        return bool(own.update(called_off_at=ClockNow()))

    def agree(self, deletion: "ServerDeletion") -> bool:
        """A second person agrees; False when it is over, was called off, or agreed to before."""
        sooner = {"due_at": ClockNow()} if deletion.at_once else {}
        asked = self.waiting().filter(pk=deletion.pk, agreed_at__isnull=True)
        if won := asked.update(agreed_at=ClockNow(), **sooner):
            ring("lifecycle.delete_server", deletion.pk)
        return bool(won)

    def _start(self, server: Server, delay: timedelta, **who: Any) -> "ServerDeletion":
        with once():
            deletion = self.create(server=server, due_at=clock.now() + delay, **who)
        ring("lifecycle.delete_server", deletion.pk)
        return deletion


class ServerDeletion(Leased):
    """The end of a server: unavailable since this row's commit, destroyed once `due_at` is past.

    With the server's row it is the tombstone. The counts are of what was closed with it; objects
    are counted by the content order, which has the same id as this row.
    """

    LEASE: ClassVar[timedelta] = timedelta(minutes=3)  # one go at the purge may take two

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    server = models.ForeignKey(Server, on_delete=models.PROTECT, related_name="deletions")
    party = models.CharField(max_length=8, choices=Party, default=Party.SERVER)
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    code = models.CharField(max_length=20, blank=True, default="")
    reference = SealedText(scope="server_id", max_length=LONGEST_REFERENCE, null=True)
    ordered_at = models.DateTimeField(db_default=ClockNow(), editable=False)
    due_at = models.DateTimeField()
    needs_two = models.BooleanField(default=False)
    at_once = models.BooleanField(default=False)
    agreed_at = models.DateTimeField(null=True)
    called_off_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    log_closed_at = models.DateTimeField(null=True)
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
            models.CheckConstraint(
                name="server_deletion_by_the_platform_has_its_reason",
                condition=Q(party="server", code="") | Q(party="platform") & ~Q(code=""),
            ),
            models.CheckConstraint(
                name="server_deletion_closes_its_log_last",
                condition=Q(log_closed_at__isnull=True) | Q(finished_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"deletion {self.pk}"

    @property
    def is_due(self) -> bool:
        """Has its clock run out, so that nobody can call it off?"""
        return self.due_at <= clock.now() and not self.waits_for_second

    @property
    def waits_for_second(self) -> bool:
        """Can nothing be destroyed before a second person agrees?"""
        return self.needs_two and self.agreed_at is None

    @property
    def reason_label(self) -> str:
        """The platform's reason in words; nothing for what the server's administrators ordered."""
        return reason_label(self.code)

    @property
    def standing(self) -> Standing:
        """What this deletion makes of its server."""
        return Standing.DELETED if self.finished_at else Standing.DELETING


class ServerReceipt(Document):
    """What the deletion of a server did; its digest stands in the log's last entry."""

    deletion = models.OneToOneField(
        ServerDeletion, on_delete=models.PROTECT, primary_key=True, related_name="receipt"
    )
    written_at = models.DateTimeField(db_default=ClockNow(), editable=False)

    def __str__(self) -> str:
        return f"receipt of {self.deletion_id}"
