"""Work on servers that comes due by a doorbell or by the clock."""

from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

from celery import shared_task

from audit.authority import SCHEDULE
from enigm_command.lib.doorbell import ring
from enigm_command.lib.leases import LeaseLost
from enigm_command.lib.models import SweepRun
from enigm_command.lib.sweeps import sweep
from lifecycle import actions, creation, deletion
from lifecycle.commercial import servers_to_retire
from lifecycle.models import (
    AlreadyInForce,
    Hold,
    NothingToLift,
    NotInThisStanding,
    Retirement,
    ServerDeletion,
)
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
        with suppress(LeaseLost):  # whoever overtook this worker carries it on
            _carry(held)


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


@shared_task(name="lifecycle.retirements")
@sweep
def retirements(run: SweepRun) -> None:
    """Announce what nobody pays for, begin what was announced, delete what has run dry."""
    for server in servers_to_retire():
        run.renew()
        _unless_overtaken(actions.announce_retirement, server)
    for due in Retirement.objects.due().select_related("server"):
        run.renew()
        _unless_overtaken(actions.begin_retirement, due)
    for dry in Retirement.objects.dry().select_related("server"):
        run.renew()
        _unless_overtaken(actions.delete_dry_server, dry)


@shared_task(name="lifecycle.holds")
@sweep
def holds(run: SweepRun) -> None:
    """Lift the holds whose day has come."""
    for hold in Hold.objects.over().select_related("server"):
        run.renew()
        _unless_overtaken(actions.lift_hold, hold)


def _carry(held: ServerDeletion) -> None:
    if not held.finished_at:
        if not deletion.content_is_gone(held):
            held.let_go()
            return
        actions.delete_server(held, by=SCHEDULE)
    deletion.close_log(held)


def _unless_overtaken(act: Callable[..., object], about: object) -> None:
    """Somebody acted in between: what is left to do, the next run finds."""
    with suppress(AlreadyInForce, NothingToLift, NotInThisStanding):
        act(about, by=SCHEDULE)
