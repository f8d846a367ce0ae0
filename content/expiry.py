"""What happens to objects whose time is over. Reads never wait for any of this."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.db.models.functions import Now

from enigm_command.lib.models import SweepRun

from . import blobs, figures, own_deletions, partitions
from .destruction import Destroyed, Doomed, destroy, destroy_inline
from .lifetimes import LONGEST
from .models import Device, EncryptedObject, FeedEntry, IntakeKey, State

PATIENCE = timedelta(minutes=10)  # with an upload that does not end
KEYS_KEPT = LONGEST + timedelta(days=1)


def advance(run: SweepRun) -> None:
    """Remove what is due today row by row, past days whole, and uploads that never ended."""
    _remove_due(run)
    _remove_abandoned(run)
    for day in partitions.past_days():
        for _ in blobs.delete_day(day):
            run.renew()
        figures.note_ages(day)
        partitions.drop_partition(day)
    IntakeKey.objects.filter(spent_at__lt=Now() - KEYS_KEPT).delete()
    own_deletions.forget(run)
    FeedEntry.objects.forgettable().delete()
    Device.objects.forgettable().delete()


def _remove_due(run: SweepRun) -> None:
    """Only today's partition can hold anything due that is not dropped whole."""
    today = partitions.utc_today()
    due = EncryptedObject.objects.filter(expires_on=today, expires_at__lte=Now())
    _repeat(run, partial(destroy_inline, due, today))
    _repeat(run, partial(destroy, due))


def _remove_abandoned(run: SweepRun) -> None:
    """The process that was receiving it died, or its sender stopped sending."""
    since = Now() - PATIENCE
    stale: Doomed = EncryptedObject.objects.filter(state=State.PENDING, received_at__lt=since)
    _repeat(run, partial(destroy, stale))


def _repeat(run: SweepRun, step: Callable[[], Destroyed]) -> None:
    """One transaction a batch, each under the fence of this sweep's lease."""
    found = True
    while found:
        with transaction.atomic():
            run.renew()
            found = step().objects > 0
