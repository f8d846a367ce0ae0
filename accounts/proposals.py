"""Proposals: what takes two people. One proposes, another agrees; the act is then the other's.

What must never happen: somebody agrees with themselves, or to something else than was proposed.
What prevents it: a constraint, and a digest that the answer is compared with in one statement.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Self
from uuid import UUID, uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.confirmations import digest_of
from enigm_command.lib import clock
from enigm_command.lib.clock import ClockNow

if TYPE_CHECKING:
    from accounts.models import Account

KEPT = timedelta(days=30)


class NotOpen(Exception):
    """It was answered, has ended, was another's to answer, or was for something else."""


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def propose(
        self,
        kind: str,
        *parts: str,
        by: "Account",
        server_id: UUID | None = None,
        lasts: timedelta,
    ) -> "Proposal":
        """Ask for a second person's agreement to what the parts describe in full."""
        return self.create(
            kind=kind,
            digest=digest_of(kind, *parts),
            server_id=server_id,
            proposed_by=by,
            ends_at=clock.now() + lasts,
        )

    def open(self) -> Self:
        """Those that wait for an answer."""
        return self.filter(answer=Proposal.Answer.NONE, ends_at__gt=ClockNow())

    def agree(self, pk: UUID, account: "Account", kind: str, *parts: str) -> "Proposal":
        """Agree, as the second person, to exactly this; NotOpen when it can no longer be done."""
        others = self.exclude(proposed_by=account.pk).filter(digest=digest_of(kind, *parts))
        return others._answer(pk, account, Proposal.Answer.AGREED)

    def decline(self, pk: UUID, account: "Account") -> "Proposal":
        """Refuse, as the second person."""
        others = self.exclude(proposed_by=account.pk)
        return others._answer(pk, account, Proposal.Answer.DECLINED)

    def withdraw(self, pk: UUID, account: "Account") -> "Proposal":
        """Take it back, as the one who proposed it."""
        own = self.filter(proposed_by=account.pk)
        return own._answer(pk, account, Proposal.Answer.WITHDRAWN)

    def old(self) -> Self:
        """What was over a month ago, answered or not."""
        return self.filter(ends_at__lt=ClockNow() - KEPT)

    def _answer(self, pk: UUID, account: "Account", answer: str) -> "Proposal":
        won = self.open().filter(pk=pk)
        if not won.update(answer=answer, answered_by=account.pk, answered_at=ClockNow()):
            raise NotOpen
        return Proposal.objects.get(pk=pk)


class Proposal(models.Model):
    """What one person proposed and a second one must agree to. It is no power by itself."""

    class Answer(models.TextChoices):
        NONE = "", "Waiting"
        AGREED = "agreed", "Agreed"
        DECLINED = "declined", "Declined"
        WITHDRAWN = "withdrawn", "Withdrawn"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    kind = models.CharField(max_length=64)
    digest = models.BinaryField(max_length=32)
    server_id = models.UUIDField(null=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(db_default=ClockNow(), editable=False)
    ends_at = models.DateTimeField()
    answer = models.CharField(max_length=9, choices=Answer, blank=True, default=Answer.NONE)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="proposal_is_answered_whole_or_not",
                condition=Q(answer="", answered_by=None, answered_at=None)
                | Q(~Q(answer=""), answered_by__isnull=False, answered_at__isnull=False),
            ),
            models.CheckConstraint(
                name="proposal_takes_two_to_agree",
                condition=~Q(answer="agreed") | ~Q(answered_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="proposal_is_withdrawn_by_its_author",
                condition=~Q(answer="withdrawn") | Q(answered_by=F("proposed_by")),
            ),
        )
        indexes = (
            models.Index(
                name="proposal_open", fields=["server_id", "kind"], condition=Q(answer="")
            ),
        )

    def __str__(self) -> str:
        return f"proposal {self.pk}"
