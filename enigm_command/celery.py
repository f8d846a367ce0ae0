"""The worker and its clock: `celery -A enigm_command.celery worker` and `... beat`."""

import logging.config
import os
from datetime import UTC, datetime
from typing import Any

import django
from celery import Celery
from celery.loaders.app import AppLoader
from celery.signals import setup_logging

from enigm_command import start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "enigm_command.settings")

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class Loader(AppLoader):
    """Ends a worker or its clock in one line, before it begins, when a setting or key is wrong."""

    def config_from_object(self, *args: Any, **options: Any) -> Any:
        """Read the settings."""
        with start.or_one_line():
            return super().config_from_object(*args, **options)

    def on_worker_init(self) -> None:
        """Look at the keys, before there are processes that would use them."""
        with start.or_one_line():
            django.setup()
            start.before_working()


app = Celery("enigm_command", loader="enigm_command.celery:Loader")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def log_like_the_web(loglevel: int, **kwargs: object) -> None:
    """Celery's own lines would hold what our formatter leaves out: rows and secrets."""
    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)
    logging.getLogger().setLevel(loglevel)


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
