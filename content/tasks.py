"""What workers do with content. Rows say what is to be done; a lost message costs a minute."""

from contextlib import suppress
from uuid import UUID

from celery import shared_task

from audit.authority import SCHEDULE
from audit.recording import Closed
from enigm_command.lib import doorbell
from enigm_command.lib.models import SweepRun
from enigm_command.lib.sweeps import sweep

from . import actions, ages, expiry, figures, reconciliation
from . import own_deletions as own
from . import partitions as days
from . import purge as purging
from .models import AlreadyReleased, DeletionOrder, Withholding


@shared_task(name="content.purge")
def purge(order_id: str) -> None:
    """Carry one deletion order further."""
    purging.advance(UUID(order_id))


@shared_task(name="content.purges")
@sweep
def purges(run: SweepRun) -> None:
    """Ring again for every unfinished order that nobody carries."""
    for pk in DeletionOrder.objects.free().values_list("pk", flat=True):
        doorbell.ring("content.purge", pk)


@shared_task(name="content.own_deletions")
@sweep
def own_deletions(run: SweepRun) -> None:
    """Erase what members deleted of their own."""
    own.erase(run)


@shared_task(name="content.expire")
@sweep
def expire(run: SweepRun) -> None:
    """Remove what is due, drop past days, forget what protected them."""
    expiry.advance(run)


@shared_task(name="content.outgrown")
@sweep
def outgrown(run: SweepRun) -> None:
    """Erase what is older than a policy that changed lets it become."""
    ages.erase(run)


@shared_task(name="content.partitions")
@sweep
def partitions(run: SweepRun) -> None:
    """Keep a week of partitions ahead of the longest life."""
    days.make_partitions(days.utc_today())


@shared_task(name="content.withholdings")
@sweep
def withholdings(run: SweepRun) -> None:
    """Record and tell the end of those whose end date has come. Reads did not wait for it."""
    for withholding in Withholding.objects.over():
        with suppress(AlreadyReleased, Closed):
            actions.release(withholding, by=SCHEDULE)
        run.renew()


@shared_task(name="content.recount")
@sweep
def recount(run: SweepRun) -> None:
    """Count the days that changed, for the overview."""
    figures.recount_changed(run)


@shared_task(name="content.reconcile")
@sweep
def reconcile(run: SweepRun) -> None:
    """Compare storage with the table, a slice of each region's."""
    reconciliation.advance(run)
