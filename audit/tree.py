"""The Merkle tree of one log, as far as Python computes it. Hashes as in RFC 6962, section 2.1."""

import hashlib

HASH = 32


def root_of(frontier: bytes) -> bytes:
    """The root of a tree from the roots of its perfect subtrees, largest first."""
    if not frontier:
        return hashlib.sha256(b"").digest()
    hashes = [frontier[at : at + HASH] for at in range(0, len(frontier), HASH)]
    root = hashes.pop()
    while hashes:
        root = hashlib.sha256(b"\1" + hashes.pop() + root).digest()
    return root
