"""Long logs, made fast: entries, personal values and tree by COPY, past the guards, as the owner.

The result is what as many appends would have left behind; exports of it verify.
"""

import json
from base64 import b64decode
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper

from audit import private, tree
from audit.vocabulary import Action, Capacity
from enigm_command.lib import vault

AT_ONCE = 10_000
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
ACTS = (Action.JOIN_REQUEST_APPROVED, Action.JOIN_REQUEST_REJECTED, Action.MEMBER_REMOVED)
NAMES = ("Ada Ferrer", "Oren Lindqvist", "Zoë Åkerman")
EVENTS = "COPY audit_event (stream_id, seq, leaf, filed_as, filed_by, filed_at) FROM STDIN"
VALUES = "COPY audit_private (stream_id, seq, field, sealed, mark) FROM STDIN"
NODES = "COPY audit_node (stream_id, level, n, hash) FROM STDIN"
STREAM = "INSERT INTO audit_stream (id, size, frontier, last_at) VALUES (%s, %s, %s, %s)"
GUARDED = ("audit_event", "audit_stream")


def load(stream: UUID, size: int) -> None:
    """Fill an empty log with acts of people, each with its actor's name sealed beside it."""
    vault.make_key(stream)
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        for table in GUARDED:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        _load(cursor, stream, size)
        for table in GUARDED:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE audit_event, audit_private, audit_node, audit_stream")


def _load(cursor: CursorWrapper, stream: UUID, size: int) -> None:
    grown = Frontier()
    for first in range(0, size, AT_ONCE):
        events, values = [], []
        for seq in range(first, min(first + AT_ONCE, size)):
            event, value = _entry(stream, seq)
            events.append(event)
            values.append(value)
            grown.add(tree.leaf_hash(event[2]))
        _copy(cursor, EVENTS, events)
        _copy(cursor, VALUES, values)
    _copy(cursor, NODES, ((stream, *node) for node in grown.nodes))
    cursor.execute(STREAM, [stream, size, b"".join(grown.subtrees), _at(size)])


def _entry(stream: UUID, seq: int) -> tuple[tuple, tuple]:
    act, name, at = ACTS[seq % len(ACTS)], NAMES[seq % len(NAMES)], _at(seq)
    value = private.commit(stream, "actor", name)
    said = {
        "action": act.value,
        "at": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "commit": {"actor": value["commit"]},
        "data": {"capacity": Capacity.ADMINISTRATOR.value},
        "seq": seq,
        "stream": str(stream),
        "v": 1,
    }
    leaf = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
    event = (stream, seq, leaf, act.value, Capacity.ADMINISTRATOR.value, at)
    return event, (stream, seq, "actor", b64decode(value["sealed"]), b64decode(value["mark"]))


def _at(seq: int) -> datetime:
    return BEGAN + timedelta(seconds=seq)


def _copy(cursor: CursorWrapper, statement: str, rows: Iterable[tuple]) -> None:
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


class Frontier:
    """The roots of the perfect subtrees so far, and the nodes that tiles are made of."""

    def __init__(self) -> None:
        self.size = 0
        self.subtrees: list[bytes] = []
        self.nodes: list[tuple[int, int, bytes]] = []  # level, n, hash

    def add(self, hash: bytes) -> None:
        """One more leaf."""
        n, level = self.size, 0
        while n & 1:
            hash, n, level = tree.node_hash(self.subtrees.pop(), hash), n >> 1, level + 1
            if level % tree.TILE_LEVELS == 0:
                self.nodes.append((level, n, hash))
        self.subtrees.append(hash)
        self.size += 1
