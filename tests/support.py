"""Questions that tests ask."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.sessions import Session
from audit.models import AuditEvent
from enigm_command.lib.clock import ClockNow


def events_of(server: Any) -> list[AuditEvent]:
    """The server's log, oldest first, personal values opened."""
    return AuditEvent.objects.of(server.pk).order_by("seq").disclosed()


def actions_of(server: Any) -> list[str]:
    """What was done on the server, in order. Refusals are marked as such."""
    return [
        f"{event.action} refused" if event.is_refused else event.action
        for event in events_of(server)
    ]


@contextmanager
def asked_of_database() -> Iterator[CaptureQueriesContext]:
    """What is asked meanwhile. That a session is in use, which is noted once a minute, is not."""
    Session.objects.update(seen_at=ClockNow())
    with CaptureQueriesContext(connection) as asked:
        yield asked


def excuse_this_transaction() -> None:
    """Tell the guards that an entry was written: for factories, which make rows without acts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('audit.seen', pg_current_xact_id()::text, true)")


@contextmanager
def excused() -> Iterator[None]:
    """A transaction whose changes the guards let pass."""
    with transaction.atomic():
        excuse_this_transaction()
        yield
