"""The facts of paying month by month. What each of them changes stands in
`servers.purchase.consequences`, and it is little: nobody's membership, content or lifetimes.
"""

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Now

from enigm_command.lib.leases import Leased, LeasedQuerySet
from servers.models.books import OldestYear
from servers.models.purchase import Plan, Purchase
from servers.models.server import Standing

if TYPE_CHECKING:
    from accounts.models import Account

# after the end of the period that was paid
UNTIL_GRACE = timedelta(days=3)  # a provider tries for as long to tell us of a payment
UNTIL_LAPSED = timedelta(days=14)
UNTIL_CLOSED = timedelta(days=60)


class SubscriptionQuerySet(LeasedQuerySet["Subscription"]):
    def unfinished(self) -> "SubscriptionQuerySet":
        """Those of which the provider has not been told the newest plan or cancellation."""
        return self.filter(revision__gt=F("told_revision"))

    def of(self, account: "Account") -> "SubscriptionQuerySet":
        """What this account pays: of the servers it owns, and of its purchases not created yet."""
        owns = Q(purchase__server__owner=account)
        return self.filter(owns | Q(purchase__server__isnull=True, purchase__buyer=account))

    def running(self) -> "SubscriptionQuerySet":
        """Not closed."""
        return self.exclude(state=Subscription.State.CLOSED)

    def due(self) -> "SubscriptionQuerySet":
        """Paid, not cancelled, and the period is over."""
        return self.filter(
            state=Subscription.State.PAID, stopped_at__isnull=True, period_end__lte=Now()
        )

    def renew(self, pk: UUID, *, period_end: datetime, at: datetime) -> bool:
        """Paid until then, says the provider; False when it is closed.

        An older word never overrules a newer one, but a later end of the period always counts.
        """
        running = self.running().filter(pk=pk)
        running.update(period_end=Greatest("period_end", period_end))
        running.filter(told_at__lte=at).update(state=Subscription.State.PAID, told_at=at)
        return running.exists()

    def put_in_grace(self, *, at: datetime) -> bool:
        """A payment failed, says the provider. In the same second, a payment counts for more."""
        paid = self.filter(state=Subscription.State.PAID, told_at__lt=at)
        return bool(paid.update(state=Subscription.State.GRACE, told_at=at))

    def close(self, *, at: datetime | None = None) -> int:
        """End these for good, at the time a provider said; without one, it has to be told."""
        told = {"closed_at": at} if at else {"closed_at": Now(), "revision": F("revision") + 1}
        return self.running().update(state=Subscription.State.CLOSED, **told)

    def change(
        self,
        pk: UUID,
        plan: Plan,
        seats: int,
        *,
        allowed_in: list["Subscription.State"],
        **price: int | str,
    ) -> bool:
        """Charge for this from the next period on, unless its state forbids it or it is stopped."""
        open_to_it = self.filter(pk=pk, state__in=allowed_in, stopped_at__isnull=True)
        changes = {"plan": plan, "seats": seats, "revision": F("revision") + 1, **price}
        return bool(open_to_it.update(**changes))

    def cancel(self, *, by_provider: bool = False) -> bool:
        """Charge no more after the period that is paid; only one caller can win."""
        told = {} if by_provider else {"revision": F("revision") + 1}
        standing = self.running().filter(stopped_at__isnull=True)
        return bool(standing.update(stopped_at=Now(), **told))

    def resume(self) -> bool:
        """Take back the cancellations of these, but for those that are still to be told."""
        told = self.running().filter(stopped_at__isnull=False, revision=F("told_revision"))
        return bool(told.update(stopped_at=None))

    def age(self) -> "list[Subscription]":
        """Let the clock decide what no provider's word has: cancelled, late, unpaid, ended.

        Returns those that have become late, or later; only within a transaction.
        """
        self.filter(stopped_at__isnull=False, period_end__lte=Now()).close()
        late: list[Subscription] = []
        for before, after, length in AGES:
            past = self.filter(state=before, period_end__lt=Now() - length)
            if after == Subscription.State.CLOSED:
                past.close()
            else:
                reached = list(past.select_for_update(no_key=True))
                self.filter(pk__in=[row.pk for row in reached]).update(state=after)
                late += reached
        return late

    def forgettable(self) -> "SubscriptionQuerySet":
        """Those that the law asks for no longer, once their last invoice is gone."""
        return self.filter(closed_at__lt=OldestYear(), invoices__isnull=True)

    def of_deleted_servers(self) -> "SubscriptionQuerySet":
        """Those whose server is gone, and which nobody has cancelled."""
        standing = self.running().filter(stopped_at__isnull=True)
        return standing.filter(purchase__server__standing=Standing.DELETED)

    def of_stopped_purchases(self) -> "SubscriptionQuerySet":
        """Those of which somebody with the payment code said that nothing more is to be paid."""
        standing = self.running().filter(stopped_at__isnull=True)
        return standing.filter(purchase__stopped_at__isnull=False)


class Subscription(Leased):
    """What is paid each month for one server, until when, and how that stands.

    `told_at` is when the provider's newest word was spoken. `revision` counts what the provider has
    to be told; `told_revision` is how much of it has been.
    """

    class State(models.TextChoices):
        PAID = "paid", "Paid"
        GRACE = "grace", "Payment is late"
        LAPSED = "lapsed", "Unpaid"
        CLOSED = "closed", "Ended"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purchase = models.OneToOneField(Purchase, on_delete=models.PROTECT, related_name="subscription")
    state = models.CharField(max_length=8, choices=State, default=State.PAID)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT)
    seats = models.PositiveIntegerField()
    total_cents = models.PositiveIntegerField()
    tax_cents = models.PositiveIntegerField()
    tax_label = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)
    reference = models.CharField(max_length=80)
    period_end = models.DateTimeField()
    told_at = models.DateTimeField()
    begun_at = models.DateTimeField(db_default=Now(), editable=False)
    stopped_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    revision = models.PositiveIntegerField(default=0)
    told_revision = models.PositiveIntegerField(default=0)

    objects: ClassVar[SubscriptionQuerySet] = SubscriptionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = (
            models.UniqueConstraint(name="subscription_reference_once", fields=["reference"]),
            models.CheckConstraint(
                name="subscription_state_known",
                condition=Q(state__in=["paid", "grace", "lapsed", "closed"]),
            ),
            models.CheckConstraint(
                name="subscription_closed_has_its_time",
                condition=Q(state="closed", closed_at__isnull=False)
                | ~Q(state="closed") & Q(closed_at__isnull=True),
            ),
            models.CheckConstraint(name="subscription_has_seats", condition=Q(seats__gte=1)),
        )

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_closed(self) -> bool:
        """Is it over for good?"""
        return self.state == Subscription.State.CLOSED

    @property
    def closes_at(self) -> datetime:
        """When it ends for good if nothing is paid any more."""
        return self.period_end + UNTIL_CLOSED

    @property
    def is_stopped(self) -> bool:
        """Has it been cancelled, so that nothing more is charged?"""
        return self.stopped_at is not None


AGES = (
    (Subscription.State.LAPSED, Subscription.State.CLOSED, UNTIL_CLOSED),
    (Subscription.State.GRACE, Subscription.State.LAPSED, UNTIL_LAPSED),
    (Subscription.State.PAID, Subscription.State.GRACE, UNTIL_GRACE),
)
