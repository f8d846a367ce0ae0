"""What is told and forgotten by the clock."""

from celery import shared_task

from enigm_command.lib.models import SweepRun
from enigm_command.lib.sweeps import sweep
from servers.models import Server

from .models import JoinRequest, Spent


@shared_task(name="membership.join_requests")
@sweep
def join_requests(run: SweepRun) -> None:
    """Forget requests that nobody answered in 14 days, and answered ones 30 days later."""
    JoinRequest.objects.rejected_for_good().update(display_name=None)
    JoinRequest.objects.forgettable().delete()


@shared_task(name="membership.queue_notices")
@sweep
def queue_notices(run: SweepRun) -> None:
    """Tell administrators who has asked to join since they were last told: how many, not who."""
    for server in Server.objects.filter(pk__in=JoinRequest.objects.untold().values("server")):
        JoinRequest.objects.tell(server)
        run.renew()


@shared_task(name="membership.spent")
@sweep
def spent(run: SweepRun) -> None:
    """Forget proofs and tokens that their own times have ended."""
    Spent.objects.forgettable().delete()
