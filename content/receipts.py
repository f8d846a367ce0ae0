"""Writing a receipt: what was ordered, what went, and what a second look found.

The document holds codes, numbers and times, no words and no names. Its digest stands in the log's
entry of the completion, so the proof of the log is the receipt's signature.
"""

import json
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import F, Func, Subquery, TextField, Value
from django.db.models.functions import Coalesce

from audit import checkpoint
from audit.models import AuditEvent, AuditEventQuerySet
from audit.vocabulary import Action
from enigm_command.lib import clock

from . import reach
from .models import DeletionOrder, EncryptedObject, Receipt
from .object_ids import public_id
from .scope import ANYONE

FORMAT = "enigm-command/deletion-receipt/1"
FOLLOWING = (  # acts that name an order and did not place it
    Action.DELETION_COMPLETED,
    Action.PURGE_ABORTED,
    Action.PURGE_PAUSED,
    Action.PURGE_RESUMED,
)


def write(
    order: DeletionOrder,
    second_look: dict[str, int],
    finished_at: datetime,
    gone_by: date | None = None,
) -> Receipt:
    """Put down what the order did. Only within the act that completes it, or ends it early.

    `gone_by` is the last day of what is left in storage then, unavailable.
    """
    document = {
        "format": FORMAT,
        "order": str(order.pk),
        "number": order.number,
        "server": str(order.server_id),
        "scope": _scope(order),
        "times": {
            "cutoff": _time(order.cutoff_at),
            "ordered": _time(order.placed_at),
            "finished": _time(finished_at),
        },
        "previewed": order.previewed,
        "removed": {"objects": order.purged, "bytes": order.purged_bytes},
        "second_look": second_look,
        "newer_remaining": _newer(order),
        "devices": reach.of(order, clock.now()).as_document(),
        "log_entry": _log_entry(order),
        "checkpoint": _checkpoint(order),
    }
    if order.aborted_at:
        left = sum(second_look.values())
        document["ended_early"] = {"left": left, "gone_by": gone_by.isoformat() if gone_by else ""}
    text = json.dumps(document, indent=2, sort_keys=True) + "\n"
    return Receipt.objects.create(order_id=order.pk, server_id=order.server_id, document=text)


def entry_of(order: DeletionOrder) -> AuditEvent | None:
    """The log's entry of the act that placed the order: an order's own, a removal's, another's."""
    leaf = Func(F("leaf"), Value("UTF8"), function="convert_from", output_field=TextField())
    named = AuditEvent.objects.of(order.server_id).annotate(text=leaf)
    entries = named.filter(text__contains=f'"order":"{order.pk}"').exclude(filed_as__in=FOLLOWING)
    since = entries.filter(filed_at__gte=order.placed_at)  # the rest only if a clock stepped back
    number = Coalesce(_earliest(since), _earliest(entries))
    found = AuditEvent.objects.of(order.server_id).filter(seq=number).disclosed()
    return found[0] if found else None


def entry_named_in(receipt: Receipt) -> AuditEvent | None:
    """The same, of an order that is forgotten: its receipt names the entry."""
    number = receipt.said["log_entry"].get("number")
    found = AuditEvent.objects.of(receipt.server_id).filter(seq=number)[:1].disclosed()
    return found[0] if found else None


def _earliest(entries: AuditEventQuerySet) -> Subquery:
    """In the order of an index: a search ends where it finds something."""
    return Subquery(entries.order_by("filed_at", "seq").values("seq")[:1])


def _scope(order: DeletionOrder) -> dict[str, str]:
    said = {"reaches": order.scope.code}
    if order.author != ANYONE:
        said["member"] = str(order.author)
    if order.kind:
        said["kind"] = order.kind
    if order.expires_on:
        said["object"] = public_id(order.expires_on, order.object_id)
    return said


def _newer(order: DeletionOrder) -> int:
    """How much of the same scope came too late for the order and lives on."""
    if order.scope.is_one_object:
        return 0
    same = EncryptedObject.objects.filter(server_id=order.server_id, **order.scope.as_filters())
    newer = same.filter(effective_at__gt=order.cutoff_at, received_at__gt=order.cutoff_at)
    return newer.count()


def _log_entry(order: DeletionOrder) -> dict[str, Any]:
    entry = entry_of(order)
    return {"number": entry.seq, "hash": bytes(entry.leaf_hash).hex()} if entry else {}


def _checkpoint(order: DeletionOrder) -> dict[str, Any]:
    """What the log had last signed: who keeps the receipt keeps this too."""
    signed = checkpoint.last_signed(order.server_id)
    return {"size": signed.size, "root": signed.root.hex()} if signed else {}


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
