"""The same rows as a Django project would keep them: one table, and a signal for each that goes."""

from typing import Any
from uuid import UUID

from django.db import connection, connections
from django.db.models.signals import post_delete

from benchmarks.measure import milliseconds
from benchmarks.models import PlainObject

AT_ONCE, MOST = 5000, 40_000  # rows of one statement, and of one round
FILL = """
INSERT INTO benchmarks_plainobject (server_id, author, kind, received_at, body)
SELECT server_id, author, kind, received_at, body FROM content_encryptedobject WHERE server_id = %s
"""


def fill(server_id: UUID) -> None:
    """Copy what the server holds."""
    with connection.cursor() as cursor:
        cursor.execute(FILL, [server_id])
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE benchmarks_plainobject")


def delete_author(author: UUID) -> None:
    """As Django does it where somebody listens to a signal."""
    PlainObject.objects.filter(author=author).delete()


def raw_delete_author(author: UUID) -> None:
    """As SQL does it."""
    mine = PlainObject.objects.filter(author=author)
    mine._raw_delete(mine.db)


def rate(of: int) -> float:
    """Rows per second by their keys, 5,000 at once: all at once, it would hold them in memory.

    A tenth of so many rows as there were, so that some are left for the other rounds.
    """
    keys = list(PlainObject.objects.values_list("pk", flat=True)[: min(of // 10, MOST)])
    return len(keys) / milliseconds(lambda: _delete(keys)) * 1000


def _delete(keys: list[int]) -> None:
    for first in range(0, len(keys), AT_ONCE):
        PlainObject.objects.filter(pk__in=keys[first : first + AT_ONCE]).delete()


def _hear(**told: Any) -> None:
    """Whoever listens; that anybody does keeps Django from deleting without fetching."""


post_delete.connect(_hear, sender=PlainObject)
