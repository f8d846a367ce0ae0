"""What a page may say of its log: only what was checked while the page was made."""

from dataclasses import dataclass
from uuid import UUID

from audit import checkpoint, tree
from audit.models import AuditEvent
from audit.note import Checkpoint, Unsigned
from audit.tiles import TilesAround


@dataclass(frozen=True, slots=True)
class LogCheck:
    """The outcome. `head` is the checkpoint that was checked against; None when there is none."""

    intact: bool
    head: Checkpoint | None
    vkeys: list[str]
    why: str = ""


def check(stream: UUID, events: list[AuditEvent]) -> LogCheck:
    """Does the log continue the last checkpoint kept outside, and are these entries in it?

    The checkpoint is signed anew when the log has grown, which proves its consistency first.
    """
    try:
        head = checkpoint.latest(stream)
        vkeys = [verifier.vkey for verifier in checkpoint.verifiers(stream)]
        if strange := _first_outside(stream, events, head):
            return LogCheck(False, head, vkeys, f"Entry {strange.seq} is not what was signed.")
    except (checkpoint.Inconsistent, tree.Damaged, Unsigned) as error:
        return LogCheck(False, None, [], f"{error}.")
    return LogCheck(True, head, vkeys)


def _first_outside(stream: UUID, events: list[AuditEvent], head: Checkpoint) -> AuditEvent | None:
    """The first of these entries that is not in the signed tree. One tree reads each tile once."""
    tiles = TilesAround(stream, head.size, [event.seq for event in events])
    signed = tree.Tree(head.size, tiles)
    for event in events:
        hashed = tree.leaf_hash(bytes(event.leaf))
        proof = signed.inclusion(event.seq)
        if not tree.verify_inclusion(hashed, event.seq, head.size, proof, head.root):
            return event
    return None
