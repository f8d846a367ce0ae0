"""The worker and its clock: `celery -A enigm_command.celery worker` and `... beat`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "enigm_command.settings")

app = Celery("enigm_command")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_finalize.connect
def add_sweeps(sender: Celery, **kwargs: object) -> None:
    """Beat rings every sweep of the schedule; each one decides by its own rows what is due."""
    from enigm_command.schedule import SWEEPS

    for name, every in SWEEPS.items():
        sender.add_periodic_task(every.total_seconds(), sender.signature(name), name=name)
