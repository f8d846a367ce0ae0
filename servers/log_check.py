"""What a page may say of its log: only what was checked while the page was made."""

from dataclasses import dataclass
from uuid import UUID

from audit import checkpoint, keys, tree
from audit.models import AuditEvent
from audit.note import Checkpoint, Unsigned
from audit.tiles import TilesAround


@dataclass(frozen=True, slots=True)
class LogCheck:
    """The outcome. `head` is the checkpoint that was checked against; None when there is none.

    `read` is what was read of the tree for it, from which each entry's proof can be made.
    """

    intact: bool
    head: Checkpoint | None
    vkeys: list[str]
    read: tree.Tree | None
    why: str = ""


def check(stream: UUID, events: list[AuditEvent]) -> LogCheck:
    """Does the log continue the last checkpoint kept outside, and are these entries in it?

    The checkpoint is signed anew when the log has grown, which proves its consistency first.
    """
    try:
        head = checkpoint.latest(stream)
        leaves = {event.seq: tree.leaf_hash(bytes(event.leaf)) for event in events}
        signed = tree.Tree(head.size, TilesAround(stream, head.size, leaves))
        why = "" if signed.root_from(leaves) == head.root else _what_is_wrong(signed, leaves, head)
    except (checkpoint.Inconsistent, tree.Damaged, Unsigned) as error:
        return LogCheck(False, None, [], None, f"{error}.")
    vkeys = [verifier.vkey for verifier in keys.verifiers(head.origin)]
    return LogCheck(not why, head, vkeys, signed, why)


def _what_is_wrong(signed: tree.Tree, leaves: dict[int, bytes], head: Checkpoint) -> str:
    for number, hashed in leaves.items():
        proof = signed.inclusion(number)
        if not tree.verify_inclusion(hashed, number, head.size, proof, head.root):
            return f"Entry {number} is not what was signed."
    return "What was signed is not what is stored."
