"""Receipts: what an order did, word for word as its digest stands in the log."""

import json
from hashlib import sha256
from typing import Any

from django.db import models
from django.db.models.functions import Now


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


class Receipt(Document):
    """Written once, when a second pass found nothing left."""

    order_id = models.UUIDField(primary_key=True)
    server_id = models.UUIDField()
    written_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"receipt of {self.order_id}"
