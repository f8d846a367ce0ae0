"""Idempotency: the same upload sent again is the same object."""

from hashlib import sha256
from typing import ClassVar
from uuid import UUID

from django.db import connection, models
from django.db.models.functions import Now

SPEND = (
    "INSERT INTO content_intakekey (server_id, author, key, expires_on, object_id)"
    " VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
)


class IntakeKeyQuerySet(models.QuerySet["IntakeKey"]):
    def spent(self, server_id: UUID, author: UUID, key: UUID) -> "IntakeKey | None":
        """What this author stored with this key before."""
        return self.filter(server_id=server_id, author=author, key=key).first()

    def spend(self, key: "IntakeKey") -> bool:
        """Keep a key; False when another request spent the same before. One statement: PostgreSQL
        waits for that one's end, and what is taken back was not spent."""
        with connection.cursor() as cursor:
            cursor.execute(
                SPEND, [key.server_id, key.author, key.key, key.expires_on, key.object_id]
            )
            return bool(cursor.rowcount)


class IntakeKey(models.Model):
    """A key with which an author stored an object. Kept for 31 days: longer than any object."""

    pk = models.CompositePrimaryKey("server_id", "author", "key")
    server_id = models.UUIDField()
    author = models.UUIDField()
    key = models.UUIDField()
    expires_on = models.DateField()
    object_id = models.UUIDField()
    spent_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[IntakeKeyQuerySet] = IntakeKeyQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes = (models.Index(fields=["spent_at"], name="intake_key_by_age"),)

    def __str__(self) -> str:
        return f"key of {self.object_id}"


def digest(key: str) -> UUID:
    """Whatever a device chose as its key, in 128 bits that say nothing."""
    return UUID(bytes=sha256(key.encode()).digest()[:16])
