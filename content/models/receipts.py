"""Receipts: what an order did, word for word as its digest stands in the log."""

import json
from hashlib import sha256
from typing import Any

from django.db import models
from django.db.models.functions import Now


class Receipt(models.Model):
    """Written once, when a second pass found nothing left. `document` is kept as the exact text
    that was hashed: the digest stands in the log's entry of the completion."""

    order_id = models.UUIDField(primary_key=True)
    server_id = models.UUIDField()
    document = models.TextField()
    written_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"receipt of {self.order_id}"

    @property
    def digest(self) -> str:
        """SHA-256 of the document's UTF-8 bytes, in hex."""
        return sha256(self.document.encode()).hexdigest()

    @property
    def said(self) -> dict[str, Any]:
        """The document, read."""
        read: dict[str, Any] = json.loads(self.document)
        return read
