"""Sweeps: work that comes due by the clock. One process at a time, and lateness is seen.

A sweep holds its row's lease for as long as it works and renews it with every batch; an advisory
lock would be gone after the first commit. A sweep that dies is taken over a lease later.
"""

from collections.abc import Callable
from functools import wraps

from .clock import ClockNow
from .leases import LeaseLost
from .models import SweepRun


def sweep(work: Callable[[SweepRun], None]) -> Callable[[], bool]:
    """Run `work` under the lease of its name (`app.function`); False when another process does."""
    name = f"{work.__module__.split('.')[0]}.{work.__name__}"

    @wraps(work)
    def run() -> bool:
        SweepRun.objects.get_or_create(name=name)
        held = SweepRun.objects.claim(name)
        if held is None:
            return False
        return _carry(work, held)

    del run.__wrapped__  # Celery would read the parameters of `work` through it
    run.__dict__["is_sweep"] = True  # a test finds those that the schedule forgot
    return run


def _carry(work: Callable[[SweepRun], None], held: SweepRun) -> bool:
    held.renew(began_at=ClockNow())
    try:
        work(held)
    except LeaseLost:
        return False
    held.let_go(ended_at=ClockNow())
    return True
