"""What an enterprise hands in with its purchase order, and how an operator decides."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from enigm_command.lib import vault
from enigm_command.lib.fields import SealedText
from servers.models.purchase import Purchase


class ProcurementDecided(Exception):
    """An operator has answered this request, or it has ended, meanwhile."""


class ProcurementQuerySet(models.QuerySet["Procurement"]):
    def waiting(self) -> "ProcurementQuerySet":
        """Those that nobody has answered and that have not run out."""
        undecided = self.filter(decision="")
        return undecided.filter(purchase__state=Purchase.State.AWAITING_APPROVAL)

    def forgettable(self) -> "ProcurementQuerySet":
        """Those whose purchase has nothing else to show."""
        return self.filter(purchase__in=Purchase.objects.forgettable())

    def decide(self, procurement: "Procurement", decision: "Procurement.Decision") -> None:
        """Take one request out of the queue; exactly one caller can win."""
        won = self.filter(pk=procurement.pk, decision="").update(
            decision=decision, decided_at=Now()
        )
        if not won:
            raise ProcurementDecided


class Procurement(models.Model):
    """A request to buy by purchase order and invoice. `answer` is what a declined buyer is told."""

    class Decision(models.TextChoices):
        APPROVED = "approved", "Approved"
        DECLINED = "declined", "Declined"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purchase = models.OneToOneField(Purchase, on_delete=models.PROTECT, related_name="procurement")
    order_number = SealedText(scope=vault.PLATFORM, max_length=60, null=True)
    contact = SealedText(scope=vault.PLATFORM, max_length=120, null=True)
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    decision = models.CharField(max_length=8, choices=Decision, default="")
    decided_at = models.DateTimeField(null=True)
    answer = SealedText(scope=vault.PLATFORM, max_length=280, null=True)

    objects = ProcurementQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="procurement_decided_has_its_time",
                condition=Q(decision="", decided_at__isnull=True)
                | ~Q(decision="") & Q(decided_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return str(self.pk)
