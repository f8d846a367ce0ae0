"""What members delete of their own. Not an act of power, so not logged; dark at once all the same.

A sweep erases it within minutes, unless a hold lies on the server that is older; then when the hold
ends. The deletions need no lease each: the sweep holds its own, and every batch renews it.
"""

from collections import defaultdict
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from enigm_command.lib.models import SweepRun
from membership.access import Access

from .destruction import destroy
from .lifetimes import LONGEST
from .models import EncryptedObject, FeedEntry, Gate, ObjectDeletion, OwnCutoff
from .models.orders import not_before_the_newest
from .object_ids import public_id
from .scope import Scope

SLICE = 30.0  # seconds; what is left is found again a minute later
SINGLES = 500


def delete_one(access: Access, object_id: str) -> bool:
    """Put one object of the bearer's own in the dark; False when there is none with this id."""
    named = EncryptedObject.objects.by_public_id(access.server.pk, object_id)
    mine = named.filter(author=access.handle).defer("body").first()
    if mine is None:
        return False
    ObjectDeletion.objects.record(mine.server_id, mine.id, mine.expires_on, by_author=True)
    return True


def delete_all(access: Access) -> datetime:
    """Put everything in the dark that the bearer has sent up to now; returns that moment."""
    with transaction.atomic():
        gate = Gate.objects.close(access.server.pk)
        cutoff_at = not_before_the_newest(gate.pk, gate.clock)
        OwnCutoff.objects.fold(gate.pk, access.handle, cutoff_at)
        _tell_devices(gate.pk, Scope(author=access.handle), cutoff_at)
    return cutoff_at


def erase(run: SweepRun) -> None:
    """Tell devices of single objects and erase these, then everything of whole members, for a slice
    of time. What waits for a hold is told all the same."""
    until = monotonic() + SLICE
    while _tell_devices_of_singles(run) and monotonic() < until:
        pass
    while _erase_singles(run) and monotonic() < until:
        pass
    for cutoff in OwnCutoff.objects.unfinished():
        while monotonic() < until and _erase_batch(run, cutoff):
            pass


def forget(run: SweepRun) -> None:
    """Drop the records whose objects could not be alive any more."""
    run.renew()
    ObjectDeletion.objects.filter(expires_on__lt=Now() - timedelta(days=1)).delete()
    OwnCutoff.objects.filter(cutoff_at__lt=Now() - LONGEST - timedelta(days=1)).delete()


def _tell_devices(server_id: UUID, mine: Scope, cutoff_at: datetime) -> None:
    """Unless nothing is left there: then they were told before, or it expired."""
    if EncryptedObject.objects.covered(server_id, mine, cutoff_at).exists():
        FeedEntry.objects.announce(server_id, FeedEntry.deletion(mine, cutoff_at))


def _tell_devices_of_singles(run: SweepRun) -> bool:
    """Many at a time, so that nobody's feed tells at which moment somebody took back a word."""
    by_server: dict[UUID, list[str]] = defaultdict(list)
    with transaction.atomic():
        run.renew()
        batch = list(ObjectDeletion.objects.untold()[:SINGLES])
        for gone in batch:
            by_server[gone.server_id].append(public_id(gone.expires_on, gone.object_id))
        for server_id in sorted(by_server):
            FeedEntry.objects.announce(server_id, *FeedEntry.of_many_objects(by_server[server_id]))
        ObjectDeletion.objects.filter(pk__in=[gone.pk for gone in batch]).update(told=True)
    return bool(batch)


def _erase_singles(run: SweepRun) -> bool:
    with transaction.atomic():
        run.renew()
        batch = list(ObjectDeletion.objects.unfinished()[:SINGLES])
        if batch:
            keys = [(gone.expires_on, gone.server_id, gone.object_id) for gone in batch]
            destroy(EncryptedObject.objects.filter(pk__in=keys))
            done = ObjectDeletion.objects.filter(pk__in=[gone.pk for gone in batch])
            done.update(finished_at=Now())
    return bool(batch)


def _erase_batch(run: SweepRun, cutoff: OwnCutoff) -> bool:
    """True while there may be more. A cutoff that moved meanwhile stays unfinished."""
    doomed = EncryptedObject.objects.covered(
        cutoff.server_id, Scope(author=cutoff.author), cutoff.cutoff_at
    ).filter(received_at__lte=cutoff.cutoff_at)
    with transaction.atomic():
        run.renew()
        destroyed = destroy(doomed)
        if not destroyed.objects and not doomed.exists():
            mine = OwnCutoff.objects.filter(pk=cutoff.pk, cutoff_at=cutoff.cutoff_at)
            mine.update(finished_at=Now())
    return destroyed.objects > 0
