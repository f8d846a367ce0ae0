"""What payment providers told us, and the money that has to go back."""

import uuid
from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from enigm_command.lib.leases import Leased, LeasedQuerySet
from servers.models.books import OldestYear
from servers.models.purchase import Purchase

EVENTS_KEPT = timedelta(days=90)  # no provider repeats itself after so long


class PaymentEventQuerySet(models.QuerySet["PaymentEvent"]):
    def take_in(self, purchase: Purchase, event: str) -> bool:
        """Remember a provider's event, in the transaction of its effect; False when it is known."""
        _, is_news = self.get_or_create(
            provider=purchase.provider, event_id=event, defaults={"purchase": purchase}
        )
        return is_news

    def forgettable(self) -> "PaymentEventQuerySet":
        """Those that nobody will repeat."""
        return self.filter(at__lt=Now() - EVENTS_KEPT)


class PaymentEvent(models.Model):
    """What a provider told us, by the provider's own event id: each one has one effect."""

    provider = models.CharField(max_length=16)
    event_id = models.CharField(max_length=80)
    purchase = models.ForeignKey(Purchase, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField(db_default=Now(), editable=False)

    objects = PaymentEventQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(name="payment_event_once", fields=["provider", "event_id"]),
        )

    def __str__(self) -> str:
        return self.event_id


class RefundQuerySet(LeasedQuerySet["Refund"]):
    def unfinished(self) -> "RefundQuerySet":
        """Owed, and not given back yet."""
        return self.filter(refunded_at__isnull=True)

    def forgettable(self) -> "RefundQuerySet":
        """Those that the law asks for no longer."""
        return self.filter(refunded_at__lt=OldestYear())


class Refund(Leased):
    """Money that reached us and buys nothing. It is owed from this row's commit on.

    `reference` is the payment at its provider; one payment is given back once.
    """

    class Reason(models.TextChoices):
        AMOUNT = "amount", "It was not the agreed amount."
        ENDED = "ended", "It came after the order or the subscription had ended."
        TWICE = "twice", "The order was paid already."

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purchase = models.ForeignKey(Purchase, on_delete=models.PROTECT, related_name="refunds")
    reference = models.CharField(max_length=80)
    cents = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=8, choices=Reason)
    owed_at = models.DateTimeField(db_default=Now(), editable=False)
    refunded_at = models.DateTimeField(null=True)

    objects: ClassVar[RefundQuerySet] = RefundQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = (
            models.UniqueConstraint(name="refund_once", fields=["purchase", "reference"]),
        )

    def __str__(self) -> str:
        return f"refund {self.pk}"
