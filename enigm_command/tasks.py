"""Work of the roof that comes due by the clock."""

from celery import shared_task

from audit.authority import SCHEDULE
from enigm_command import actions
from enigm_command import retention as keeping
from enigm_command.lib.models import SweepRun
from enigm_command.lib.sweeps import sweep


@shared_task(name="enigm_command.retention")
@sweep
def retention(run: SweepRun) -> None:
    """Forget what was kept for as long as the register of records says."""
    keeping.forget(run)
    for server in keeping.ended_servers():
        actions.forget_server(server, by=SCHEDULE)
        run.renew()
