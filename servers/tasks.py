"""Work on purchases that comes due by a doorbell or by the clock."""

from uuid import UUID

from celery import shared_task

from enigm_command.lib.clock import ClockNow
from enigm_command.lib.doorbell import ring
from enigm_command.lib.models import SweepRun
from enigm_command.lib.sweeps import sweep
from servers.models import Invitation
from servers.models.payment import Refund
from servers.models.purchase import Purchase
from servers.models.subscription import Subscription
from servers.purchase import reminders
from servers.purchase.providers import by_name


@shared_task(name="servers.refund")
def refund(refund_id: str) -> None:
    """Give back one payment that buys nothing. What is left undone, the sweep rings for."""
    if owed := Refund.objects.claim(UUID(refund_id)):
        by_name(owed.purchase.provider).refund(owed)
        owed.let_go(refunded_at=ClockNow())


@shared_task(name="servers.tell_provider")
def tell_provider(subscription_id: str) -> None:
    """Have the provider charge what the subscription costs now, or nothing any more."""
    if held := Subscription.objects.claim(UUID(subscription_id)):
        by_name(held.purchase.provider).tell(held)
        held.let_go(told_revision=held.revision)


@shared_task(name="servers.invitations")
@sweep
def invitations(run: SweepRun) -> None:
    """Forget invitations that were over a month ago."""
    Invitation.objects.forgettable().delete()


@shared_task(name="servers.stale_purchases")
@sweep
def stale_purchases(run: SweepRun) -> None:
    """Expire what nobody paid for or answered in time; the server's typed name is erased."""
    Purchase.objects.stale().end(Purchase.State.EXPIRED)


@shared_task(name="servers.subscriptions")
@sweep
def subscriptions(run: SweepRun) -> None:
    """Stop what nobody is to pay any more, charge what is due, and see to what is late."""
    Subscription.objects.of_deleted_servers().cancel()
    Subscription.objects.of_stopped_purchases().cancel()
    for due in Subscription.objects.due().select_related("plan", "purchase"):
        by_name(due.purchase.provider).renew(due)
        run.renew()
    reminders.age()


@shared_task(name="servers.provider_errands")
@sweep
def provider_errands(run: SweepRun) -> None:
    """Ring for what a provider has not been told, and for money that has not gone back."""
    for pk in Subscription.objects.unfinished().values_list("pk", flat=True):
        ring("servers.tell_provider", pk)
        run.renew()
    for pk in Refund.objects.unfinished().values_list("pk", flat=True):
        ring("servers.refund", pk)
        run.renew()
