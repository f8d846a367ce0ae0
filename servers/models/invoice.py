"""Invoices: numbered without a gap, never changed but for whether they are paid."""

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection, models
from django.db.models import Max, Q
from django.db.models.functions import Coalesce, Now

from servers.models.books import OldestYear
from servers.models.subscription import Subscription

if TYPE_CHECKING:
    from accounts.models import Account

PAYABLE_WITHIN = timedelta(days=30)


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    def of(self, account: "Account") -> "InvoiceQuerySet":
        """The invoices of what this account pays."""
        return self.filter(subscription__in=Subscription.objects.of(account))

    def unpaid(self) -> "InvoiceQuerySet":
        """Those whose money has not arrived."""
        return self.filter(paid_at__isnull=True)

    def forgettable(self) -> "InvoiceQuerySet":
        """Those that the law asks for no longer."""
        return self.filter(issued_at__lt=OldestYear())

    def issue(self, subscription: Subscription, reference: str, **facts: object) -> "Invoice":
        """The invoice of one payment or period, once; numbers have no gap, so one waits in line."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('servers_invoice.number'))")
        facts = {
            "number": self.aggregate(newest=Coalesce(Max("number"), 0))["newest"] + 1,
            "plan_label": subscription.plan.label,
            "seats": subscription.seats,
            "total_cents": subscription.total_cents,
            "tax_cents": subscription.tax_cents,
            "tax_label": subscription.tax_label,
            "currency": subscription.currency,
            **facts,
        }
        invoice, _ = self.get_or_create(
            subscription=subscription, reference=reference, defaults=facts
        )
        return invoice

    def settle(self, pk: UUID) -> bool:
        """The money for one has arrived; only one caller can win."""
        return bool(self.unpaid().filter(pk=pk).update(paid_at=Now()))

    def note_refund(self, pk: UUID, cents: int) -> bool:
        """So much of it has been given back in all; an older word of less changes nothing."""
        less = self.filter(pk=pk, refunded_cents__lt=cents)
        return bool(less.update(refunded_cents=cents, refunded_at=Now()))


class Invoice(models.Model):
    """What was charged for one period, as it was called and cost then.

    `reference` is the invoice at the provider, or the period's own for one that we charge.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.PositiveIntegerField(unique=True)
    subscription = models.ForeignKey(
        Subscription, on_delete=models.PROTECT, related_name="invoices"
    )
    reference = models.CharField(max_length=80)
    plan_label = models.CharField(max_length=40)
    seats = models.PositiveIntegerField()
    total_cents = models.PositiveIntegerField()
    tax_cents = models.PositiveIntegerField()
    tax_label = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)
    period_begin = models.DateTimeField()
    period_end = models.DateTimeField()
    issued_at = models.DateTimeField(db_default=Now(), editable=False)
    paid_at = models.DateTimeField(null=True)
    refunded_cents = models.PositiveIntegerField(default=0)
    refunded_at = models.DateTimeField(null=True)

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(name="invoice_once", fields=["subscription", "reference"]),
            models.CheckConstraint(
                name="invoice_refund_has_its_time",
                condition=Q(refunded_cents=0, refunded_at__isnull=True)
                | Q(refunded_cents__gt=0, refunded_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """Its number as it is written: 2026-000042."""
        return f"{self.issued_at:%Y}-{self.number:06}"

    @property
    def net_cents(self) -> int:
        """The amount before tax."""
        return self.total_cents - self.tax_cents

    @property
    def due_at(self) -> datetime:
        """Until when it is to be paid."""
        return self.issued_at + PAYABLE_WITHIN
