"""Work on purchases that comes due by the clock."""

from celery import shared_task

from enigm_command.lib.models import SweepRun
from enigm_command.lib.sweeps import sweep
from servers.models.purchase import Purchase


@shared_task(name="servers.stale_purchases")
@sweep
def stale_purchases(run: SweepRun) -> None:
    """Expire what nobody paid for within a day; the name typed for the server is erased."""
    Purchase.objects.stale().end(Purchase.State.EXPIRED)
