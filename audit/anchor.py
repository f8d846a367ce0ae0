"""Anchors: one entry of the platform's log commits to the heads of all other logs at once.

What must never happen: an operator rewrites one server's log unseen, because nobody kept that
server's checkpoints; or a tenant learns from an anchor what happens on other servers. What prevents
it: only the platform's log need be watched (`audit.witness`), and whoever is shown their own log's
leaf and path can check that what was watched commits to what they see. Each leaf is blinded by 32
bytes that nobody can guess, and leaves stand in the order of their hashes: the hashes on a path,
and a place among them, say nothing of the logs behind. An anchor does tell how many logs there are.
What it cannot show is that no log has a second leaf in it: two people who compare theirs find out.

The root is that of an RFC 6962 tree, its leaves in the order of their hashes:
leaf     = blinding 32 | log's uuid 16 | size, 8 bytes big endian | the log's root 32
blinding = HMAC under the platform's index key of the anchor's number and the log's uuid
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from enigm_command.lib import vault

from . import tree
from .models import AuditAnchored


class Unchanged(Exception):
    """No log has grown since the last anchor."""


class Head(NamedTuple):
    """What one leaf commits to."""

    blinding: bytes
    stream: UUID
    size: int
    root: bytes

    @property
    def hash(self) -> bytes:
        """The leaf's hash in the anchor's tree."""
        size = self.size.to_bytes(8, "big")
        return tree.leaf_hash(self.blinding + self.stream.bytes + size + self.root)


@dataclass(frozen=True, slots=True)
class AnchorProof:
    """All that the holder of one log needs, beside the anchor's entry in the platform's log."""

    entry: int  # the anchor's number in the platform's log
    head: Head
    index: int
    streams: int
    path: list[bytes]

    def as_json(self) -> str:
        """For whoever takes the log away; bytes are in hex."""
        head = self.head
        said = {
            "anchor": self.entry,
            "blinding": head.blinding.hex(),
            "log": str(head.stream),
            "size": head.size,
            "root": head.root.hex(),
            "index": self.index,
            "logs": self.streams,
            "path": [hash.hex() for hash in self.path],
        }
        return json.dumps(said, indent=2) + "\n"


class Anchor:
    """The tree of one anchor, which is entry `entry` of the platform's log."""

    def __init__(self, entry: int, heads: Iterable[Head]) -> None:
        self.entry = entry
        self.leaves = sorted((head.hash, head) for head in heads)

    @cached_property
    def tree(self) -> tree.Tree:
        return tree.Tree(len(self.leaves), _Hashes([hash for hash, _ in self.leaves]))

    def proof_of(self, stream: UUID) -> AnchorProof | None:
        """The proof of one log; None when it is not in this anchor."""
        for index, (_, head) in enumerate(self.leaves):
            if head.stream == stream:
                path = self.tree.inclusion(index)
                return AnchorProof(self.entry, head, index, len(self.leaves), path)
        return None


def take() -> Anchor:
    """Take the heads of all logs. For `actions.anchor_logs`, whose entry is their anchor.

    Raises Unchanged.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_anchor()")
        (entry,) = cursor.fetchone()
    if entry is None:
        raise Unchanged
    return _anchor(entry)


def proof_of(stream: UUID, entry: int | None = None) -> AnchorProof | None:
    """What shows that an anchor commits to this log; None when it does not.

    By default the latest anchor; one that is given must be of the last 30 days.
    """
    entry = AuditAnchored.objects.latest_anchor() if entry is None else entry
    return None if entry is None else _anchor(entry).proof_of(stream)


def verify(proof: AnchorProof, root: bytes) -> bool:
    """Whether the anchor with this root commits to the log's size and root as the proof says."""
    return tree.verify_inclusion(proof.head.hash, proof.index, proof.streams, proof.path, root)


def _anchor(entry: int) -> Anchor:
    rows = AuditAnchored.objects.anchored_by(entry)
    return Anchor(
        entry,
        (Head(_blinding(entry, row.stream_id), row.stream_id, row.size, row.root) for row in rows),
    )


def _blinding(entry: int, stream: UUID) -> bytes:
    """An index is 16 bytes: two of them."""
    halves = (vault.index(vault.PLATFORM, f"anchor {n}|{entry}|{stream}") for n in (1, 2))
    return b"".join(halves)


class _Hashes:
    """The tiles of a tree whose leaves' hashes are all at hand."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.leaves = leaves

    def tile(self, level: int, n: int, width: int) -> bytes:
        """The first `width` hashes of tile `n` of a level."""
        first = n * tree.TILE
        if level == 0:
            return b"".join(self.leaves[first : first + width])
        return b"".join(self._root_of_tile(level - 1, first + at) for at in range(width))

    def _root_of_tile(self, level: int, n: int) -> bytes:
        row = self.tile(level, n, tree.TILE)
        hashes = [row[at : at + tree.HASH] for at in range(0, len(row), tree.HASH)]
        while len(hashes) > 1:
            pairs = zip(hashes[::2], hashes[1::2], strict=True)
            hashes = [tree.node_hash(left, right) for left, right in pairs]
        return hashes[0]
