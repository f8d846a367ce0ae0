"""Invitations to administer a server, or to own it: one link, for one person, for seven days.

What must never happen: a link lets in two people, or somebody whom nobody with power wants there
any more. What prevents it: it is answered by one statement that can succeed once, and it stands on
the power of whoever invited. When that power ends, so does the invitation.
"""

import uuid
from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from accounts.proposals import NotOpen
from enigm_command.lib import clock, vault
from enigm_command.lib.clock import ClockNow
from enigm_command.lib.fields import SealedText
from enigm_command.lib.typed import Code
from servers.models.administrator import Administrator
from servers.models.server import Server, Standing

CODE = Code("invitation code", length=28, prefix="INV")  # 140 random bits
LASTS = timedelta(days=7)
KEPT = timedelta(days=30)


def digest_of(code: str) -> bytes:
    """What is kept of a code: keyed, so that a copy of the table opens nothing."""
    return vault.index(vault.PLATFORM, f"{CODE.name}|{code}")


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def invite(
        self, inviter: Administrator, capacity: "Invitation.Capacity", label: str
    ) -> tuple["Invitation", str]:
        """A new invitation and its code, which can be read only now."""
        code = CODE.make()
        invitation = self.create(
            server_id=inviter.server_id,
            inviter=inviter,
            capacity=capacity,
            label=label,
            code_digest=digest_of(code),
            ends_at=clock.now() + LASTS,
        )
        return invitation, code

    def waiting(self) -> Self:
        """Those that nobody has answered in time, looking at nothing but the row itself."""
        return self.filter(answer=Invitation.Answer.NONE, ends_at__gt=ClockNow())

    def open(self) -> Self:
        """Those that can be accepted: by the power of somebody who may still invite."""
        powerful = Q(inviter__isnull=False) & (
            Q(capacity=Invitation.Capacity.ADMINISTRATOR)
            | Q(inviter__account=F("server__owner"))  # nobody gives away what they do not own
        )
        return self.waiting().filter(powerful).exclude(server__standing=Standing.DELETED)

    def with_code(self, code: str, reader: uuid.UUID | None = None) -> "Invitation | None":
        """The open one that this code belongs to; `is_in` if its reader administers the server."""
        inside = Administrator.objects.filter(server=OuterRef("server"), account=reader)
        found = self.open().filter(code_digest=digest_of(code)).annotate(is_in=Exists(inside))
        return found.select_related("server", "inviter__account").first()

    def end(self, pk: uuid.UUID, answer: "Invitation.Answer") -> None:
        """Answer it for good, as only one caller can; NotOpen for all others."""
        won = self.waiting().filter(pk=pk).update(answer=answer, answered_at=ClockNow())
        if not won:
            raise NotOpen

    def forgettable(self) -> Self:
        """Those that were over a month ago. What came of them stands in the log."""
        return self.filter(ends_at__lt=ClockNow() - KEPT)


class Invitation(models.Model):
    """An offer of power over one server. It is no power itself, and names no account.

    `label` is what whoever invited calls the person, so that fellow administrators can tell
    invitations apart.
    """

    class Capacity(models.TextChoices):
        ADMINISTRATOR = "administrator", "Administrator"
        OWNER = "owner", "Owner"

    class Answer(models.TextChoices):
        NONE = "", "Waiting"
        ACCEPTED = "accepted", "Accepted"
        DECLINED = "declined", "Declined"
        WITHDRAWN = "withdrawn", "Withdrawn"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    server = models.ForeignKey(Server, on_delete=models.PROTECT, related_name="invitations")
    inviter = models.ForeignKey(
        Administrator, on_delete=models.SET_NULL, null=True, related_name="invitations"
    )
    capacity = models.CharField(max_length=13, choices=Capacity)
    label = SealedText(max_length=60)
    code_digest = models.BinaryField(max_length=16, unique=True)
    made_at = models.DateTimeField(db_default=ClockNow(), editable=False)
    ends_at = models.DateTimeField()
    answer = models.CharField(max_length=9, choices=Answer, blank=True, default=Answer.NONE)
    answered_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="invitation_capacity_known",
                condition=Q(capacity__in=["administrator", "owner"]),
            ),
            models.CheckConstraint(
                name="invitation_lasts_a_week_at_most",
                condition=Q(ends_at__lte=F("made_at") + LASTS),
            ),
            models.CheckConstraint(
                name="invitation_is_answered_whole_or_not",
                condition=Q(answer="", answered_at=None)
                | Q(~Q(answer=""), answered_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"invitation {self.pk}"

    @property
    def is_for_owner(self) -> bool:
        """Does whoever accepts it become the owner?"""
        return self.capacity == self.Capacity.OWNER
