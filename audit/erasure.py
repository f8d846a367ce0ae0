"""Taking personal values out of a log. The tree does not change; an entry says what went.

A value goes in three ways: because the person asks for it, because it is as old as it may become,
or with its whole server. Every proof still verifies afterwards: leaves hold only commitments, and
without its salt a commitment says nothing.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection, transaction
from django.db.models import OuterRef
from django.db.models.functions import Now

from enigm_command.lib.vault import Unreadable

from . import private
from .models import AuditEvent, AuditPrivate

KEPT = timedelta(days=400)  # how long a personal value of an entry serves its purpose
BATCH = 5000  # entries whose values go in one transaction
TOO_OLD = f"older than {KEPT.days} days"
HELD = AuditPrivate.objects.filter(stream_id=OuterRef("stream_id"))
FIELDS = ArraySubquery(HELD.values("field").distinct())  # beside an entry: those of its whole log


def erase_stream(stream: UUID, reason: str) -> int:
    """Erase every personal value of one log by one entry in the same transaction; how many."""
    return _erase("SELECT audit_erase_stream(%s, %s)", stream, reason)


def erase_value(stream: UUID, value: str, reason: str) -> int:
    """Erase one value from a log, in whatever fields of whatever entries it stands; how many."""
    marks = _marks(stream, value, _fields(stream))
    return _erase("SELECT audit_erase_marked(%s, %s, %s)", stream, marks, reason)


def count_value(stream: UUID, value: str, fields: list[str] | None = None) -> int:
    """How many entries of a log name this value; `fields` are its FIELDS, where they were asked."""
    marks = _marks(stream, value, _fields(stream) if fields is None else fields)
    marked = AuditPrivate.objects.filter(mark__in=marks)
    return marked.filter(stream_id=stream).count()


def erase_aged() -> bool:
    """Erase a batch of values that are older than KEPT; False when none are left."""
    aged = AuditEvent.objects.with_values().filter(filed_at__lt=Now() - KEPT)
    stream = aged.values_list("stream_id", flat=True).first()
    if stream is None:
        return False
    with transaction.atomic():
        statement = "SELECT audit_erase_aged(%s, now() - %s, %s, %s)"
        return _erase(statement, stream, KEPT, BATCH, TOO_OLD) > 0


def _marks(stream: UUID, value: str, fields: list[str]) -> list[bytes]:
    """By what a value is found. Without the log's key none can be found, and none can be read."""
    try:
        return [private.mark(stream, field, value) for field in fields]
    except Unreadable:
        return []


def _fields(stream: UUID) -> list[str]:
    """The fields that entries of this log have. They are words of ours, so they are few."""
    held = AuditPrivate.objects.filter(stream_id=stream)
    return list(held.values_list("field", flat=True).distinct())


def _erase(statement: str, *arguments: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        erased: int = cursor.fetchone()[0]
        return erased
