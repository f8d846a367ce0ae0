"""Receipts: what an order did, word for word as its digest stands in the log."""

import json
from datetime import date
from hashlib import sha256
from typing import Any, ClassVar, Self
from uuid import UUID

from django.db import models
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from .orders import DeletionOrder


class Document(models.Model):
    """A receipt as the exact text that was hashed: the digest stands in the log's entry of what it
    is the receipt of."""

    document = models.TextField()

    class Meta:
        abstract = True

    @property
    def digest(self) -> str:
        """SHA-256 of the document's UTF-8 bytes, in hex."""
        return sha256(self.document.encode()).hexdigest()

    @property
    def said(self) -> dict[str, Any]:
        """The document, read."""
        read: dict[str, Any] = json.loads(self.document)
        return read


class ReceiptQuerySet(models.QuerySet["Receipt"]):
    def of_forgotten_orders(self, server_id: UUID) -> Self:
        """One server's, of orders that nothing else is left of."""
        orders = DeletionOrder.objects.filter(pk=OuterRef("order_id"))
        return self.filter(~Exists(orders), server_id=server_id)


class Receipt(Document):
    """Written once: when a second pass found nothing left, or operators ended the purge early."""

    order_id = models.UUIDField(primary_key=True)
    server_id = models.UUIDField()
    written_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[ReceiptQuerySet] = ReceiptQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return f"receipt of {self.order_id}"

    @property
    def order_name(self) -> str:
        """The order as people call it."""
        return f"D-{self.said['number']}"

    @property
    def gone_by(self) -> date | None:
        """When the last of what was left is over, if operators ended the purge early."""
        day = self.said.get("ended_early", {}).get("gone_by")
        return date.fromisoformat(day) if day else None

    @property
    def left(self) -> int:
        """How much was left in storage when it was written."""
        return sum(self.said["second_look"].values())
