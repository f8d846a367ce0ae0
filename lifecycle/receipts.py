"""The receipt of a whole server's deletion: codes, numbers and times, no words and no names.

Its digest stands in the last entry of the server's log, so the proof of that log is its signature.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from audit import checkpoint
from content.models import DeletionOrder, Receipt
from lifecycle.models import ServerDeletion, ServerReceipt

FORMAT = "enigm-command/server-deletion-receipt/1"
BACKUPS_KEPT = timedelta(days=30)  # how long the oldest backup still has the wrapped key


def write(deletion: ServerDeletion, closed: dict[str, int], finished_at: datetime) -> ServerReceipt:
    """Put down what was destroyed. Only within the act that destroys it."""
    document = {
        "format": FORMAT,
        "deletion": str(deletion.pk),
        "server": _server(deletion),
        "ordered_by": {"party": deletion.party, "reason": deletion.code},
        "times": {
            "ordered": _time(deletion.ordered_at),
            "due": _time(deletion.due_at),
            "destroyed": _time(finished_at),
        },
        "content": _content(deletion),
        "closed": closed,
        "key_destroyed": True,
        "backups": {
            "hold": "the server's key as it was wrapped, and what was sealed under it",
            "until": _time(finished_at + BACKUPS_KEPT),
        },
        "checkpoint_before": _checkpoint(deletion),
    }
    text = json.dumps(document, indent=2, sort_keys=True) + "\n"
    return ServerReceipt.objects.create(deletion=deletion, document=text)


def _server(deletion: ServerDeletion) -> dict[str, str]:
    server = deletion.server
    return {
        "id": str(server.pk),
        "locator": server.locator or "",
        "region": server.region,
        "created": _time(server.created_at),
    }


def _content(deletion: ServerDeletion) -> dict[str, Any]:
    """The order over everything and its own receipt, which a second look counted."""
    order = DeletionOrder.objects.get(pk=deletion.pk)
    receipt = Receipt.objects.get(pk=deletion.pk)
    return {
        "order": order.number,
        "objects": order.purged,
        "bytes": order.purged_bytes,
        "receipt": receipt.digest,
    }


def _checkpoint(deletion: ServerDeletion) -> dict[str, Any]:
    """What the log had last signed before its end."""
    signed = checkpoint.last_signed(deletion.server_id)
    return {"size": signed.size, "root": signed.root.hex()} if signed else {}


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
