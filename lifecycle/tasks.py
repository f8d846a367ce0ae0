"""Work on servers that comes due by a doorbell or by the clock."""

from uuid import UUID

from celery import shared_task

from audit.authority import SCHEDULE
from enigm_command.lib.doorbell import ring
from enigm_command.lib.models import SweepRun
from enigm_command.lib.sweeps import sweep
from lifecycle import actions, creation, deletion
from lifecycle.models import ServerDeletion
from servers.models.purchase import Purchase


@shared_task(name="lifecycle.create")
def create(purchase_id: str) -> None:
    """Make the server that one purchase is for, unless it is made or being made."""
    if held := creation.begin_paid(UUID(purchase_id)):
        actions.create_server(held, by=SCHEDULE)


@shared_task(name="lifecycle.delete_server")
def delete_server(deletion_id: str) -> None:
    """Carry one due deletion of a server further. What is left, the sweep rings for."""
    if held := ServerDeletion.objects.claim(UUID(deletion_id)):
        if deletion.content_is_gone(held):
            actions.delete_server(held, by=SCHEDULE)
        else:
            held.let_go()


@shared_task(name="lifecycle.creations")
@sweep
def creations(run: SweepRun) -> None:
    """Ring for every paid or approved purchase whose server is not made yet."""
    for purchase_id in Purchase.objects.creatable().values_list("pk", flat=True):
        ring("lifecycle.create", purchase_id)
        run.renew()


@shared_task(name="lifecycle.deletions")
@sweep
def deletions(run: SweepRun) -> None:
    """Ring for every deletion of a server that is past its time and not carried through."""
    for deletion_id in ServerDeletion.objects.unfinished().values_list("pk", flat=True):
        ring("lifecycle.delete_server", deletion_id)
        run.renew()
