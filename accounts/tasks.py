"""What workers do for accounts. Rows say what is to be done; a lost message costs a minute."""

import logging
from uuid import UUID

from celery import shared_task

from accounts import mail as post
from accounts.models import (
    Challenge,
    Confirmation,
    Mail,
    NewAddress,
    Notice,
    Proposal,
    Recovery,
    Session,
)
from enigm_command.lib import doorbell
from enigm_command.lib.models import SweepRun
from enigm_command.lib.sweeps import sweep
from enigm_command.lib.wording import counted

log = logging.getLogger(__name__)


@shared_task(name="accounts.send")
def send(mail_id: str) -> None:
    """Send one mail."""
    post.send(UUID(mail_id))


@shared_task(name="accounts.mails")
@sweep
def mails(run: SweepRun) -> None:
    """Ring again for every mail that nobody is sending, and give up those of yesterday."""
    given_up, _ = Mail.objects.stale().delete()
    if given_up:
        log.warning("given up after a day: %s", counted(given_up, "mail"))
    for pk in Mail.objects.free().values_list("pk", flat=True):
        doorbell.ring("accounts.send", pk)


@shared_task(name="accounts.recoveries")
@sweep
def recoveries(run: SweepRun) -> None:
    """Forget recoveries that were never vouched for, and those that have ended."""
    Recovery.objects.forget()


@shared_task(name="accounts.sessions")
@sweep
def sessions(run: SweepRun) -> None:
    """Forget sessions that are over."""
    Session.objects.over().delete()


@shared_task(name="accounts.notices")
@sweep
def notices(run: SweepRun) -> None:
    """Forget old notices, and addresses that nobody proved."""
    Notice.objects.forgettable().delete()
    NewAddress.objects.forgettable().delete()


@shared_task(name="accounts.challenges")
@sweep
def challenges(run: SweepRun) -> None:
    """Forget what passkeys were asked and did not answer."""
    Challenge.objects.over().delete()


@shared_task(name="accounts.confirmations")
@sweep
def confirmations(run: SweepRun) -> None:
    """Forget what was confirmed, and what was proposed to a second person, long ago."""
    Confirmation.objects.old().delete()
    Proposal.objects.old().delete()
