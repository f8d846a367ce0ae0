"""What a page may say of its log: only what was checked while the page was made."""

from dataclasses import dataclass
from uuid import UUID

from audit import checkpoint, tree
from audit.models import AuditEvent
from audit.note import Checkpoint, Unsigned
from audit.tiles import TilesAround


@dataclass(frozen=True, slots=True)
class LogCheck:
    """The outcome. `head` is the checkpoint that was checked against; None when there is none.

    `beside` has the hashes beside the way from each entry to its root, by the entry's number.
    """

    intact: bool
    head: Checkpoint | None
    vkeys: list[str]
    beside: dict[int, list[bytes]]
    why: str = ""


def check(stream: UUID, events: list[AuditEvent]) -> LogCheck:
    """Does the log continue the last checkpoint kept outside, and are these entries in it?

    The checkpoint is signed anew when the log has grown, which proves its consistency first.
    """
    try:
        head = checkpoint.latest(stream)
        vkeys = [verifier.vkey for verifier in checkpoint.verifiers(stream)]
        beside = _beside(stream, events, head)
    except (checkpoint.Inconsistent, tree.Damaged, Unsigned) as error:
        return LogCheck(False, None, [], {}, f"{error}.")
    for event in events:
        hashed = tree.leaf_hash(bytes(event.leaf))
        proof = beside[event.seq]
        if not tree.verify_inclusion(hashed, event.seq, head.size, proof, head.root):
            why = f"Entry {event.seq} is not what was signed."
            return LogCheck(False, head, vkeys, beside, why)
    return LogCheck(True, head, vkeys, beside)


def _beside(stream: UUID, events: list[AuditEvent], head: Checkpoint) -> dict[int, list[bytes]]:
    """The proofs that these entries are in the signed tree. One tree reads each tile once."""
    numbers = [event.seq for event in events]
    signed = tree.Tree(head.size, TilesAround(stream, head.size, numbers))
    return {number: signed.inclusion(number) for number in numbers}
