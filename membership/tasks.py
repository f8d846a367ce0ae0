"""What is told and forgotten by the clock."""

from contextlib import suppress

from celery import shared_task

from audit.authority import SCHEDULE
from enigm_command.lib.models import SweepRun
from enigm_command.lib.sweeps import sweep
from servers.models import Server

from . import actions
from .models import AlreadyLifted, Block, FormerMember, JoinRequest, Spent


@shared_task(name="membership.blocks")
@sweep
def blocks(run: SweepRun) -> None:
    """Lift blocks whose day has come."""
    for block in Block.objects.over().select_related("server"):
        with suppress(AlreadyLifted):
            actions.lift_block(block, by=SCHEDULE)
        run.renew()


@shared_task(name="membership.former_members")
@sweep
def former_members(run: SweepRun) -> None:
    """Forget former members of whom nothing can be stored any more."""
    FormerMember.objects.forgettable().delete()


@shared_task(name="membership.join_requests")
@sweep
def join_requests(run: SweepRun) -> None:
    """Forget requests that nobody answered in 14 days."""
    JoinRequest.objects.overdue().delete()


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
