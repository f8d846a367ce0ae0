"""What is forgotten by the clock."""

from celery import shared_task

from enigm_command.lib.models import SweepRun
from enigm_command.lib.sweeps import sweep

from .models import JoinRequest, Spent


@shared_task(name="membership.join_requests")
@sweep
def join_requests(run: SweepRun) -> None:
    """Forget requests that nobody answered in 14 days, and answered ones 30 days later."""
    JoinRequest.objects.forgettable().delete()


@shared_task(name="membership.spent")
@sweep
def spent(run: SweepRun) -> None:
    """Forget proofs and tokens that their own times have ended."""
    Spent.objects.forgettable().delete()
