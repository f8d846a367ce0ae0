"""What the helpers leave behind is swept up by the clock."""

from celery import shared_task

from .models import SweepRun, ThrottleBucket
from .sweeps import sweep


@shared_task(name="enigm_command.throttle_buckets")
@sweep
def throttle_buckets(run: SweepRun) -> None:
    """Throw away the buckets that have drained: nobody's tries are remembered any longer."""
    ThrottleBucket.objects.empty().delete()
