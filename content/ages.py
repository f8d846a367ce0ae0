"""The age limit that a policy sets for each kind of object, and what has outgrown it.

What must never happen: an object that was too old to be handed out is handed out again, because
somebody let content live longer or a device offered an old copy. What prevents it: before a
lifetime grows, the limit as it stands goes into a cutoff, behind the gate and in the same
transaction. Up to the end of that transaction readers still go by the old limit, and it moves with
the clock; so the cutoff lies a little ahead, and PostgreSQL ends a transaction that takes longer.
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from time import monotonic
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now

from enigm_command.lib import clock
from enigm_command.lib.models import SweepRun
from servers.models import PolicyVersion

from .destruction import Doomed, destroy
from .lifetimes import LONGEST
from .models import Cutoff, DeletionOrder, EncryptedObject, Gate
from .models.orders import not_before_the_newest
from .scope import Kind, Scope

AHEAD = timedelta(minutes=1)
UPLOADS_END = timedelta(hours=1)  # after a change, those that began under the version before it
SLICE = 30.0  # seconds; what is left is found again by the next run


def keep_dark(server_id: UUID, lifetimes: Mapping[str, timedelta]) -> None:
    """Hold what has outgrown these lifetimes in the dark for good, whatever lifetime comes next."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL transaction_timeout = {AHEAD // timedelta(milliseconds=1)}")
    gate = Gate.objects.close(server_id)
    now = not_before_the_newest(server_id, gate.clock)
    for kind, lifetime in lifetimes.items():
        Cutoff.objects.fold(server_id, Scope(kind=kind), now + AHEAD - lifetime)


def erase(run: SweepRun) -> None:
    """Destroy what has outgrown a policy that changed, for a slice of time.

    Only what was received before the change is looked for: what came later carries its end itself.
    """
    until = monotonic() + SLICE
    changed = PolicyVersion.objects.filter(number__gt=1, made_at__gt=Now() - LONGEST - UPLOADS_END)
    for version in changed.newest_of_each():
        for kind in Kind:
            step = partial(_erase_batch, run, version, kind)
            while monotonic() < until and step():
                pass


def _erase_batch(run: SweepRun, version: PolicyVersion, kind: str) -> bool:
    """True while there may be more. An order counts what it destroys, so it goes first."""
    with transaction.atomic():
        run.renew()
        if _is_waited_for(version):
            return False
        return destroy(_outgrown(version, kind)).objects > 0


def _is_waited_for(version: PolicyVersion) -> bool:
    """Does an order purge there, or a hold delay what was decided after it began?"""
    held = Gate.objects.filter(pk=version.server_id, held_since__lt=version.made_at)
    ordered = DeletionOrder.objects.of(version.server_id).filter(finished_at=None)
    return held.exists() or ordered.exists()


def _outgrown(version: PolicyVersion, kind: str) -> Doomed:
    scope = Scope(kind=kind)
    folded = Cutoff.objects.filter(server_id=version.server_id, author=scope.author, kind=kind)
    limit = clock.now() - version.lifetime_of(kind)
    limit = max([limit, *folded.values_list("cutoff_at", flat=True)])
    reached = EncryptedObject.objects.covered(version.server_id, scope, limit)
    return reached.filter(received_at__lte=version.made_at + UPLOADS_END)
