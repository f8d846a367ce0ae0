"""What is sold, what was bought, and what a payment provider told us. Commercial state only:
nothing here decides who is a member, who may read or write, or how long content lives.
"""

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from enigm_command.lib import doorbell, vault
from enigm_command.lib.fields import SealedText
from enigm_command.lib.typed import Code
from servers.models.books import OldestYear
from servers.models.server import Server
from servers.regions import Region

if TYPE_CHECKING:
    from accounts.models import Account

UNPAID_FOR = timedelta(days=1)
PAYMENT_CODE = Code("payment code", length=20, prefix="PAY")  # 100 random bits
UNANSWERED_FOR = timedelta(days=30)
FRUITLESS_KEPT = timedelta(days=90)  # what led to no server: its payment may still come


class Customer(models.TextChoices):
    """What kind of customer buys. It decides how one pays, and nothing afterwards."""

    INDIVIDUAL = "individual", "Individual"
    TEAM = "team", "Team"
    ORGANIZATION = "organization", "Organization"
    ENTERPRISE = "enterprise", "Enterprise"


class Runs(models.TextChoices):
    """Who is to run the server, as its buyer says at the checkout. Power comes with a row only."""

    BUYER = "buyer", "I will"
    ADMINISTRATOR = "administrator", "Another administrator as well"
    OWNER = "owner", "Someone else becomes the owner"


class Plan(models.Model):
    """One line of the price list: a flat amount a month, one for each person, or on request.

    `people` is what the price is meant for: it bounds a purchase, never an approval.
    """

    code = models.CharField(max_length=16, primary_key=True)
    label = models.CharField(max_length=40)
    customer = models.CharField(max_length=12, choices=Customer)
    position = models.PositiveSmallIntegerField()
    unit_cents = models.PositiveIntegerField(null=True)
    per_person = models.BooleanField()
    people = models.PositiveIntegerField()
    currency = models.CharField(max_length=3, default="EUR")

    class Meta:
        ordering = ("position",)
        constraints = (
            models.CheckConstraint(
                name="plan_customer_known", condition=Q(customer__in=Customer.values)
            ),
        )

    def __str__(self) -> str:
        return self.label

    @property
    def is_priced(self) -> bool:
        """Does the list say what it costs? If not, an operator says it when approving."""
        return self.unit_cents is not None


def digest_of(code: str) -> bytes:
    """What is kept of a payment code: keyed, so that a copy of the table stops nothing."""
    return vault.index(vault.PLATFORM, f"payment code|{code}")


class PurchaseQuerySet(models.QuerySet["Purchase"]):
    def of(self, account: "Account") -> "PurchaseQuerySet":
        """What this account bought."""
        return self.filter(buyer=account)

    def open(self) -> "PurchaseQuerySet":
        """Begun, and neither paid, nor handed in for approval, nor ended."""
        return self.filter(state__in=OPEN)

    def creatable(self) -> "PurchaseQuerySet":
        """Paid for or approved, and the server not created yet."""
        return self.filter(state__in=CREATABLE)

    def unanswered(self) -> "PurchaseQuerySet":
        """Handed in for approval, and not decided."""
        return self.filter(state=Purchase.State.AWAITING_APPROVAL)

    def stale(self) -> "PurchaseQuerySet":
        """Open for longer than anyone waits before paying, or never answered."""
        long_open = self.open().filter(made_at__lt=Now() - UNPAID_FOR)
        return long_open | self.unanswered().filter(made_at__lt=Now() - UNANSWERED_FOR)

    def forgettable(self) -> "PurchaseQuerySet":
        """Those that led to nothing, and those whose books the law asks for no longer."""
        bare = self.filter(subscription__isnull=True, refunds__isnull=True, events__isnull=True)
        fruitless = Q(server__isnull=True, ended_at__lt=Now() - FRUITLESS_KEPT)
        return bare.filter(fruitless | Q(ended_at__lt=OldestYear()))

    def end(self, state: "Purchase.State") -> int:
        """Cancel or expire what has led to nothing yet; the server's typed name is erased."""
        undecided = self.filter(state__in=[*OPEN, Purchase.State.AWAITING_APPROVAL])
        return undecided.update(state=state, name=None, ended_at=Now())

    def await_payment(self, pk: UUID, *, provider: str, reference: str) -> bool:
        """The provider knows this purchase now, under its own reference."""
        return self._move(
            pk,
            Purchase.State.DRAFT,
            Purchase.State.AWAITING_PAYMENT,
            provider=provider,
            reference=reference,
        )

    def await_approval(self, pk: UUID, *, provider: str, reference: str) -> bool:
        """The buyer has handed in what an operator needs to decide."""
        return self._move(
            pk,
            Purchase.State.DRAFT,
            Purchase.State.AWAITING_APPROVAL,
            provider=provider,
            reference=reference,
        )

    def mark_paid(self, pk: UUID) -> bool:
        """It is paid for, and a worker is woken to create the server; only one caller can win."""
        won = self._move(pk, Purchase.State.AWAITING_PAYMENT, Purchase.State.PAID, paid_at=Now())
        if won:
            doorbell.ring("lifecycle.create", pk)
        return won

    def mark_approved(self, pk: UUID, **price: int | str) -> bool:
        """An operator approved it at this price; a worker is woken to create the server."""
        won = self._move(pk, Purchase.State.AWAITING_APPROVAL, Purchase.State.APPROVED, **price)
        if won:
            doorbell.ring("lifecycle.create", pk)
        return won

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
        """The server exists; only one caller can win, and the name now lives there alone."""
        return bool(
            self.creatable()
            .filter(pk=pk)
            .update(state=Purchase.State.FULFILLED, server=server, name=None, ended_at=Now())
        )

    def _move(
        self, pk: UUID, before: "Purchase.State", after: "Purchase.State", **changes: Any
    ) -> bool:
        return bool(self.filter(pk=pk, state=before).update(state=after, **changes))


class Purchase(models.Model):
    """What the checkout makes. Its key comes from the form, so a repeated click is the same one."""

    class State(models.TextChoices):
        DRAFT = "draft", "Begun"
        AWAITING_PAYMENT = "awaiting_payment", "Waiting for payment"
        AWAITING_APPROVAL = "awaiting_approval", "Waiting for approval"
        PAID = "paid", "Paid"
        APPROVED = "approved", "Approved"
        FULFILLED = "fulfilled", "Server created"
        CANCELLED = "cancelled", "Cancelled"
        EXPIRED = "expired", "Expired"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    buyer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="purchases"
    )
    idempotency_key = models.UUIDField()
    customer = models.CharField(max_length=12, choices=Customer)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT)
    region = models.CharField(max_length=8, choices=Region)
    name = SealedText(scope=vault.PLATFORM, max_length=60, null=True)
    seats = models.PositiveIntegerField()
    runs = models.CharField(max_length=16, choices=Runs, default=Runs.BUYER)
    total_cents = models.PositiveIntegerField()
    tax_cents = models.PositiveIntegerField(default=0)
    tax_label = models.CharField(max_length=40, default="")
    currency = models.CharField(max_length=3)
    terms_version = models.CharField(max_length=10)
    state = models.CharField(max_length=20, choices=State, default=State.DRAFT)
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
                condition=Q(state__in=["draft", "cancelled", "expired"])
                | ~Q(provider="") & ~Q(reference=""),
            ),
            models.CheckConstraint(
                name="purchase_paid_has_its_time",
                condition=Q(state="paid", paid_at__isnull=False)
                | Q(state="fulfilled")  # approved ones are paid for by invoice, later
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
                    state__in=[
                        "draft",
                        "awaiting_payment",
                        "awaiting_approval",
                        "paid",
                        "approved",
                    ],
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
    def payer(self) -> "Account":
        """Who pays: the server's owner, or the buyer as long as there is none."""
        return self.server.owner if self.server else self.buyer

    @property
    def is_secured(self) -> bool:
        """Was it paid for or approved, whatever became of the server since?"""
        return self.state in (*CREATABLE, Purchase.State.FULFILLED)


OPEN = (Purchase.State.DRAFT, Purchase.State.AWAITING_PAYMENT)
CREATABLE = (Purchase.State.PAID, Purchase.State.APPROVED)
