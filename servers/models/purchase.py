"""What is sold, what was bought, and what a payment provider told us. Commercial state only:
nothing here decides who is a member, who may read or write, or how long content lives.
"""

import uuid
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Now

from enigm_command.lib import doorbell, vault
from enigm_command.lib.fields import SealedText
from enigm_command.lib.typed import Code
from servers.models.server import Server
from servers.regions import Region

UNPAID_FOR = timedelta(days=1)
PAYMENT_CODE = Code("payment code", length=20, prefix="PAY")  # 100 random bits


class Plan(models.Model):
    """One line of the price list: a flat amount a month, or one for each person.

    `people` is what the price is meant for: it bounds a purchase, never an approval.
    """

    code = models.CharField(max_length=16, primary_key=True)
    label = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField()
    unit_cents = models.PositiveIntegerField()
    per_person = models.BooleanField()
    people = models.PositiveIntegerField()
    currency = models.CharField(max_length=3, default="EUR")

    class Meta:
        ordering = ("position",)

    def __str__(self) -> str:
        return self.label


def digest_of(code: str) -> bytes:
    """What is kept of a payment code: keyed, so that a copy of the table stops nothing."""
    return vault.index(vault.PLATFORM, f"payment code|{code}")


class PurchaseQuerySet(models.QuerySet["Purchase"]):
    def open(self) -> "PurchaseQuerySet":
        """Begun, and neither paid nor ended."""
        return self.filter(state__in=OPEN)

    def paid(self) -> "PurchaseQuerySet":
        """Paid for, and the server not created yet."""
        return self.filter(state=Purchase.State.PAID)

    def stale(self) -> "PurchaseQuerySet":
        """Open for longer than anyone waits before paying."""
        return self.open().filter(made_at__lt=Now() - UNPAID_FOR)

    def end(self, state: "Purchase.State") -> int:
        """Cancel or expire what is still open; the name typed for the server is erased."""
        return self.open().update(state=state, name=None, ended_at=Now())

    def await_payment(self, pk: UUID, *, provider: str, reference: str) -> bool:
        """The provider knows this purchase now, under its own reference."""
        drafts = self.filter(pk=pk, state=Purchase.State.DRAFT)
        return bool(
            drafts.update(
                state=Purchase.State.AWAITING_PAYMENT, provider=provider, reference=reference
            )
        )

    def mark_paid(self, pk: UUID, event: str) -> bool:
        """Take in a provider's word, by its event id, that a purchase was paid: once.

        The event is kept in the transaction of its effect, so that a repeated or a parallel
        delivery finds it and changes nothing.
        """
        with transaction.atomic():
            purchase = self.select_for_update().get(pk=pk)
            _, is_news = PaymentEvent.objects.get_or_create(
                provider=purchase.provider, event_id=event, defaults={"purchase": purchase}
            )
            awaiting = self.filter(pk=pk, state=Purchase.State.AWAITING_PAYMENT)
            won = is_news and awaiting.update(state=Purchase.State.PAID, paid_at=Now())
            if won:
                doorbell.ring("lifecycle.create", pk)
        return bool(won)

    def give_code(self, purchase: "Purchase") -> str | None:
        """A payment code in place of the one seen, readable only now; None if another was first."""
        code = PAYMENT_CODE.make()
        seen = self.filter(pk=purchase.pk, payment_code=purchase.payment_code)
        return code if seen.update(payment_code=digest_of(code)) else None

    def stop(self, code: str) -> None:
        """Keep the wish that nothing more is paid. Nothing follows from it for any server."""
        named = self.filter(payment_code=digest_of(code), stopped_at=None)
        named.update(stopped_at=Now())

    def fulfil(self, pk: UUID, server: Server) -> bool:
        """The paid server exists; only one caller can win, and the name now lives there alone."""
        return bool(
            self.paid()
            .filter(pk=pk)
            .update(state=Purchase.State.FULFILLED, server=server, name=None, ended_at=Now())
        )


class Purchase(models.Model):
    """What the checkout makes. Its key comes from the form, so a repeated click is the same one."""

    class State(models.TextChoices):
        DRAFT = "draft", "Begun"
        AWAITING_PAYMENT = "awaiting_payment", "Waiting for payment"
        PAID = "paid", "Paid"
        FULFILLED = "fulfilled", "Server created"
        CANCELLED = "cancelled", "Cancelled"
        EXPIRED = "expired", "Expired"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    buyer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="purchases"
    )
    idempotency_key = models.UUIDField()
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT)
    region = models.CharField(max_length=8, choices=Region)
    name = SealedText(scope=vault.PLATFORM, max_length=60, null=True)
    seats = models.PositiveIntegerField()
    total_cents = models.PositiveIntegerField()
    tax_cents = models.PositiveIntegerField(default=0)
    currency = models.CharField(max_length=3)
    terms_version = models.CharField(max_length=10)
    state = models.CharField(max_length=16, choices=State, default=State.DRAFT)
    provider = models.CharField(max_length=16, default="")
    reference = models.CharField(max_length=80, default="")
    server = models.OneToOneField(
        Server, on_delete=models.PROTECT, null=True, related_name="purchase"
    )
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    paid_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    payment_code = models.BinaryField(max_length=16, unique=True, null=True)  # its digest
    stopped_at = models.DateTimeField(null=True)  # a wish of the buyer, and no more than that

    objects = PurchaseQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                name="purchase_key_once",
                fields=["buyer", "idempotency_key"],
                condition=~Q(state__in=["cancelled", "expired"]),
            ),
            models.UniqueConstraint(
                name="purchase_one_open_each",
                fields=["buyer"],
                condition=Q(state__in=["draft", "awaiting_payment"]),
            ),
            models.CheckConstraint(
                name="purchase_known_to_a_provider_or_draft",
                condition=~Q(state__in=["awaiting_payment", "paid", "fulfilled"])
                | ~Q(provider="") & ~Q(reference=""),
            ),
            models.CheckConstraint(
                name="purchase_paid_has_its_time",
                condition=Q(state__in=["paid", "fulfilled"], paid_at__isnull=False)
                | ~Q(state__in=["paid", "fulfilled"]) & Q(paid_at__isnull=True),
            ),
            models.CheckConstraint(
                name="purchase_fulfilled_has_its_server",
                condition=Q(state="fulfilled", server__isnull=False)
                | ~Q(state="fulfilled") & Q(server__isnull=True),
            ),
            models.CheckConstraint(
                name="purchase_ended_keeps_no_name",
                condition=Q(
                    state__in=["draft", "awaiting_payment", "paid"],
                    name__isnull=False,
                    ended_at__isnull=True,
                )
                | Q(
                    state__in=["fulfilled", "cancelled", "expired"],
                    name__isnull=True,
                    ended_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="purchase_region_known", condition=Q(region__in=Region.values)
            ),
            models.CheckConstraint(name="purchase_has_seats", condition=Q(seats__gte=1)),
        )

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_paid(self) -> bool:
        """Has the money arrived, whatever became of the server since?"""
        return self.paid_at is not None


OPEN = (Purchase.State.DRAFT, Purchase.State.AWAITING_PAYMENT)


class PaymentEvent(models.Model):
    """What a provider told us, by the provider's own event id: each one has one effect."""

    provider = models.CharField(max_length=16)
    event_id = models.CharField(max_length=80)
    purchase = models.ForeignKey(Purchase, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(name="payment_event_once", fields=["provider", "event_id"]),
        )

    def __str__(self) -> str:
        return self.event_id
