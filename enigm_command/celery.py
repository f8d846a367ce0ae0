"""The worker and its clock: `celery -A enigm_command.celery worker` and `... beat`."""

import os
from datetime import UTC, datetime

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "enigm_command.settings")

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

app = Celery("enigm_command")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_finalize.connect
def add_sweeps(sender: Celery, **kwargs: object) -> None:
    """Beat rings every sweep of the schedule; each one decides by its own rows what is due.

    Beat keeps no file of when it rang last, so it rings all of them when it starts.
    """
    from enigm_command.schedule import SWEEPS

    sender.conf.beat_schedule = {
        name: {"task": name, "schedule": every, "last_run_at": LONG_AGO}
        for name, every in SWEEPS.items()
    }
