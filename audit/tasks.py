"""What happens to the logs by the clock."""

import logging
from contextlib import suppress

from celery import shared_task

from enigm_command.lib.models import SweepRun
from enigm_command.lib.sweeps import sweep

from . import actions, erasure, kept
from .anchor import Unchanged
from .authority import SCHEDULE
from .witness import Unwitnessed, submit

log = logging.getLogger(__name__)


@shared_task(name="audit.anchor")
@sweep
def anchor(run: SweepRun) -> None:
    """Commit to all logs at once in the platform's own, unless none has grown."""
    kept.forget_drafts()
    with suppress(Unchanged):
        actions.anchor_logs(by=SCHEDULE)


@shared_task(name="audit.retention")
@sweep
def retention(run: SweepRun) -> None:
    """Erase personal values that are older than they may become, batch by batch."""
    while erasure.erase_aged():
        run.renew()


@shared_task(name="audit.witness")
@sweep
def witness(run: SweepRun) -> None:
    """Have the platform's log signed by the witness. One that does not answer is asked again."""
    try:
        submit()
    except Unwitnessed as refused:
        log.warning("the witness did not sign the platform's log: %s", refused)
