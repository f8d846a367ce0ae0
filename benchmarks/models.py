"""What is compared with: small tables, one for each way to record its changes, and a plain table of
objects. They exist in the scratch database only.
"""

from django.apps import apps
from django.db import models


class Note(models.Model):
    """What is fetched, changed and saved."""

    title = models.CharField(max_length=60)
    text = models.TextField()
    edits = models.IntegerField(default=0)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title


class Bare(Note):
    """Recorded by nobody."""


class Recorded(Note):
    """Changed under `recording`. As on the product's tables, a commit without an entry fails."""


if apps.is_installed("auditlog"):
    from auditlog.registry import auditlog

    @auditlog.register()
    class Auditlogged(Note):
        """Recorded by django-auditlog."""


if apps.is_installed("pghistory"):
    import pghistory

    @pghistory.track(append_only=True)
    class Tracked(Note):
        """Recorded by django-pghistory, in a table that refuses UPDATE and DELETE."""


class PlainObject(models.Model):
    """An object as a Django project would keep it, without a life of its own."""

    server_id = models.UUIDField()
    author = models.UUIDField()
    kind = models.CharField(max_length=8)
    received_at = models.DateTimeField()
    body = models.BinaryField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["server_id", "received_at"]),
            models.Index(fields=["author"]),
        )

    def __str__(self) -> str:
        return self.kind
