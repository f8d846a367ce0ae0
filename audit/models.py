"""The log as Python reads it. Only the database writes it, so no table here is managed."""

import json
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar, Self
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, Func, JSONField, OuterRef, Subquery, TextField, Value
from django.db.models.functions import Cast

from enigm_command.lib import vault

from . import private, sentences, tree
from .vocabulary import Action, Capacity

HELD = """ARRAY(
SELECT {} FROM audit_private AS held
WHERE held.stream_id = audit_event.stream_id AND held.seq = audit_event.seq ORDER BY field)"""
HELD_FIELDS, HELD_SEALED = (
    Func(template=HELD.format(column), output_field=ArrayField(kind))
    for column, kind in (("field", models.TextField()), ("sealed", models.BinaryField()))
)


class AuditStream(models.Model):
    """One log: a server's, or the platform's. Its frontier is the tree's roots so far."""

    id = models.UUIDField(primary_key=True)
    size = models.BigIntegerField()
    frontier = models.BinaryField()
    last_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "audit_stream"

    def __str__(self) -> str:
        return f"{self.id}, {self.size} entries"

    @property
    def root(self) -> bytes:
        """The Merkle tree hash of all entries so far."""
        return tree.root_of(bytes(self.frontier))


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def of(self, stream: UUID) -> Self:
        """The entries of one log. What stands outside the tree is not part of it."""
        size = AuditStream.objects.filter(pk=OuterRef("stream_id")).values("size")
        return self.filter(stream_id=stream, seq__lt=Subquery(size))

    def with_values(self) -> Self:
        """Those that still have a personal value beside them."""
        held = AuditPrivate.objects.filter(stream_id=OuterRef("stream_id"), seq=OuterRef("seq"))
        return self.filter(Exists(held))

    def by_name(self, stream: UUID, name: str) -> Self:
        """Those of one log that this person did, found by the mark of the sealed name."""
        mark = private.mark(stream, "actor", name)
        theirs = AuditPrivate.objects.filter(stream_id=stream, mark=mark).values("seq")
        return self.filter(seq__in=theirs)

    def by_operators(self) -> Self:
        """What the platform's operators did, or tried."""
        return self.filter(filed_by=Capacity.OPERATOR)

    def views(self) -> Self:
        """That an operator looked at something."""
        return self.filter(filed_as=Action.PAGE_VIEWED)

    def acts(self) -> Self:
        """All others."""
        return self.exclude(filed_as=Action.PAGE_VIEWED)

    def taken(self) -> Self:
        """Those that took effect: nobody was refused."""
        said = Func("leaf", Value("UTF8"), function="convert_from", output_field=TextField())
        read = self.annotate(as_said=Cast(said, JSONField()))
        return read.filter(as_said__data__outcome__isnull=True)

    def newest_first(self) -> Self:
        """In the order in which an administrator wants to read."""
        return self.order_by("-seq")

    def leaves(self) -> Iterator[bytes]:
        """The entries' bytes, which are what the tree hashes, oldest first and a few at a time."""
        for leaf in self.order_by("seq").values_list("leaf", flat=True).iterator():
            yield bytes(leaf)

    def disclosed(self) -> "list[AuditEvent]":
        """The entries with their personal values beside them, in one query."""
        return list(self.as_disclosed())

    def as_disclosed(self) -> Self:
        """Each with its personal values, still sealed, as `disclosed` reads them."""
        return self.annotate(held_fields=HELD_FIELDS, held_sealed=HELD_SEALED)


class AuditEvent(models.Model):
    """One entry: a leaf of its stream's tree, and beside it what was personal.

    What it says is read from the leaf; the `filed_` columns only find it.
    """

    pk = models.CompositePrimaryKey("stream_id", "seq")
    stream_id = models.UUIDField()
    seq = models.BigIntegerField()
    leaf = models.BinaryField()
    leaf_hash = models.BinaryField()
    filed_as = models.TextField()
    filed_by = models.TextField()
    filed_at = models.DateTimeField()

    held_fields: list[str]
    held_sealed: list[bytes]
    objects: ClassVar[AuditEventQuerySet] = AuditEventQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        managed = False
        db_table = "audit_event"

    def __str__(self) -> str:
        return f"{self.stream_id}/{self.seq}"

    @cached_property
    def said(self) -> dict[str, Any]:
        """The leaf, read."""
        read: dict[str, Any] = json.loads(bytes(self.leaf))
        return read

    @cached_property
    def private(self) -> dict[str, str]:
        """Its personal values that are still there, opened. Only of entries that are disclosed."""
        held = zip(self.held_fields, self.held_sealed, strict=True)
        return {field: self._opened(field, bytes(sealed)) for field, sealed in held}

    @property
    def action(self) -> str:
        return str(self.said["action"])

    @property
    def data(self) -> dict[str, Any]:
        return dict(self.said["data"])

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.said["at"])

    @property
    def is_refused(self) -> bool:
        return self.data.get("outcome") == "refused"

    @property
    def capacity_label(self) -> str:
        given = self.data.get("capacity", Capacity.SCHEDULE)
        return str(Capacity(given).label)

    @property
    def actor_name(self) -> str:
        """Who acted, as far as it may still be known; "" for the schedule."""
        if "actor" not in self.said["commit"]:
            return ""
        return self.private.get("actor", "erased")

    @property
    def shown_values(self) -> dict[str, str]:
        """Its personal values but the actor, and "erased" for those that are gone."""
        names = [name for name in self.said["commit"] if name != "actor"]
        return {name: self.private.get(name, "erased") for name in names}

    @property
    def sentence(self) -> str:
        return sentences.sentence(self.action, self.data)

    def _opened(self, field: str, sealed: bytes) -> str:
        """The value, or "unreadable" when it does not open or is not what was committed to."""
        digest = self.said["commit"].get(field, "")
        try:
            return private.disclose(self.stream_id, field, digest, sealed)[1]
        except vault.Unreadable:
            return "unreadable"


class AuditPrivate(models.Model):
    """One personal value of one entry. The row may go; the entry's commitment to it stays."""

    pk = models.CompositePrimaryKey("stream_id", "seq", "field")
    stream_id = models.UUIDField()
    seq = models.BigIntegerField()
    field = models.TextField()
    sealed = models.BinaryField()
    mark = models.BinaryField()

    class Meta:
        managed = False
        db_table = "audit_private"

    def __str__(self) -> str:
        return f"{self.stream_id}/{self.seq}/{self.field}"


class AuditCheckpointQuerySet(models.QuerySet["AuditCheckpoint"]):
    def of(self, stream: UUID) -> Self:
        """What was signed for one log, newest first."""
        return self.filter(stream_id=stream).order_by("-signed_at", "-size")

    def newest_note(self, stream: UUID) -> str | None:
        """The last note, as far as this database knows."""
        return self.of(stream).values_list("note", flat=True).first()


class AuditCheckpoint(models.Model):
    """That a log's size and root were signed, for pages. The signer trusts `audit.kept` first."""

    pk = models.CompositePrimaryKey("stream_id", "origin", "size")
    stream_id = models.UUIDField()
    origin = models.TextField()
    size = models.BigIntegerField()
    root = models.BinaryField()
    note = models.TextField()
    signed_at = models.DateTimeField()

    objects: ClassVar[AuditCheckpointQuerySet] = AuditCheckpointQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        managed = False
        db_table = "audit_checkpoint"

    def __str__(self) -> str:
        return f"{self.origin}, {self.size} entries"


class AuditAnchoredQuerySet(models.QuerySet["AuditAnchored"]):
    def anchored_by(self, entry: int) -> Self:
        """The heads that the anchor at this entry of the platform's log commits to."""
        latest_first = self.filter(entry__lte=entry).order_by("stream_id", "-entry")
        return latest_first.distinct("stream_id").defer("at")

    def latest_anchor(self) -> int | None:
        """The number of the newest anchor in the platform's log; None before the first."""
        newest: int | None = self.aggregate(newest=models.Max("entry"))["newest"]
        return newest


class AuditAnchored(models.Model):
    """The head of one log since one anchor: a new row whenever it had grown by the next."""

    pk = models.CompositePrimaryKey("stream_id", "entry")
    stream_id = models.UUIDField()
    entry = models.BigIntegerField()
    size = models.BigIntegerField()
    frontier = models.BinaryField()
    at = models.DateTimeField()

    objects: ClassVar[AuditAnchoredQuerySet] = AuditAnchoredQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        managed = False
        db_table = "audit_anchored"

    def __str__(self) -> str:
        return f"{self.stream_id}, {self.size} entries in anchor {self.entry}"

    @property
    def root(self) -> bytes:
        """The Merkle tree hash that the log had then."""
        return tree.root_of(bytes(self.frontier))


class AuditCosignature(models.Model):
    """That a witness signed below the checkpoint of this origin and size."""

    pk = models.CompositePrimaryKey("origin", "size", "witness")
    stream_id = models.UUIDField()
    origin = models.TextField()
    size = models.BigIntegerField()
    witness = models.TextField()
    line = models.TextField()
    at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "audit_cosignature"

    def __str__(self) -> str:
        return f"{self.origin}, {self.size} entries, by {self.witness}"
