"""That one entry stands in its log: a file that proves it to whoever has the log's key.

c2sp.org/tlog-proof: entry bytes as the extra data, number, the hashes beside the way to the root,
and the checkpoint that signs the root.
"""

from base64 import b64encode
from uuid import UUID

from . import checkpoint
from .models import AuditEvent
from .note import Checkpoint
from .tiles import TilesAround
from .tree import Tree

HEADER = "c2sp.org/tlog-proof@v1"


def inclusion(stream: UUID, seq: int, size: int) -> list[bytes]:
    """The hashes beside the way from an entry up to the root of the first `size` entries."""
    return Tree(size, TilesAround(stream, size, [seq])).inclusion(seq)


def consistency(stream: UUID, old: int, size: int) -> list[bytes]:
    """The hashes that show that the log of `size` entries begins with its first `old` ones."""
    return Tree(size, TilesAround(stream, size, [old])).consistency(old)


def tlog_proof(event: AuditEvent, head: Checkpoint | None = None) -> str:
    """The entry's .tlog-proof, against a checkpoint that counts it; by default the latest."""
    head = head or checkpoint.latest(event.stream_id)
    hashes = inclusion(event.stream_id, event.seq, head.size)
    lines = [
        HEADER,
        f"extra {b64encode(bytes(event.leaf)).decode()}",
        f"index {event.seq}",
        *(b64encode(hash).decode() for hash in hashes),
    ]
    return "\n".join(lines) + f"\n\n{head.note}"
