"""Waking a worker. The row is the truth, the queue only a hint: a lost message costs a minute."""

import logging
from functools import partial
from typing import Any

from celery import current_app
from django.db import transaction

log = logging.getLogger(__name__)


def ring(task: str, pk: Any) -> None:
    """Ask a worker to look at one row, once this transaction is committed.

    A dead broker is logged and never an error: the sweep of the same work will ring again.
    """
    transaction.on_commit(partial(_send, task, str(pk)), robust=True)


def _send(task: str, pk: str) -> None:
    try:
        current_app.send_task(task, args=[pk], retry=False)
    except Exception as error:  # whatever the broker's client raises, the act itself is done
        log.warning("nobody was woken for %s: %s", task, type(error).__name__)
