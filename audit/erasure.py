"""Taking personal values out of a log. The tree does not change; an entry says what went."""

from uuid import UUID

from django.db import connection


def erase_stream(stream: UUID, reason: str) -> int:
    """Erase every personal value of one log by one entry in the same transaction; how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_erase_stream(%s, %s)", [stream, reason])
        erased: int = cursor.fetchone()[0]
        return erased
