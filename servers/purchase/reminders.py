"""What whoever pays is told of their payments, in the transaction of what is told."""

from datetime import datetime

from django.db import transaction

from accounts.models import Notice
from accounts.notices import Kind
from enigm_command.lib.wording import utc
from servers.models.purchase import Purchase
from servers.models.subscription import Subscription


def received(purchase: Purchase, paid_until: datetime) -> None:
    """Money arrived for a purchase or its subscription."""
    Notice.objects.tell([purchase.payer], Kind.PAYMENT_RECEIVED, until=_day(paid_until))


def failed(subscription: Subscription) -> None:
    """A provider could not charge for a subscription."""
    _remind(subscription, Kind.PAYMENT_FAILED)


@transaction.atomic
def age() -> None:
    """Let the clock move all subscriptions on, and remind whoever has become late."""
    for subscription in Subscription.objects.age():
        _remind(subscription, Kind.PAYMENT_LATE)


def _remind(subscription: Subscription, kind: Kind) -> None:
    Notice.objects.tell(
        [subscription.purchase.payer],
        kind,
        ended=_day(subscription.period_end),
        closes=_day(subscription.closes_at),
    )


def _day(at: datetime) -> str:
    return utc(at, "date")
