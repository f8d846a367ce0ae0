"""The Merkle tree of one log, and the proofs that are made from it. Hashes as in RFC 6962.

What must never happen: a proof that shows an entry which the log does not hold, or one that makes
a rewritten log look as if it had only grown. What prevents it: no proof is believed for its own
sake. Whoever holds a root that they trust computes it again from the proof, by `verify_inclusion`
and `verify_consistency`. A wrong proof can only fail there; so what makes proofs need not be
trusted, and may read its hashes from wherever they lie.

Hashes lie in tiles (c2sp.org/tlog-tiles). Tile n of level L holds the roots of 256 neighbouring
subtrees of 256 ** L leaves each, or of as many as there are; level 0 is the leaves' own hashes.
Seven levels of the tree out of eight stand in no tile and are hashed from the one below. A proof
reads two tiles or fewer for each level: six in a log of a million entries.
"""

import hashlib
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

HASH = 32
TILE_LEVELS = 8
TILE = 2**TILE_LEVELS
EMPTY = hashlib.sha256(b"").digest()


class Damaged(Exception):
    """Hashes of the tree are missing, so nothing can be proved from it."""


class Tiles(Protocol):
    """Where the hashes of one log lie: in the database, or in an exported folder."""

    def tile(self, level: int, n: int, width: int) -> bytes:
        """The first `width` hashes of tile `n` of a level, one after the other; or Damaged."""
        ...


# --- hashes ---------------------------------------------------------------------------------------
def leaf_hash(leaf: bytes) -> bytes:
    """The hash of one entry."""
    return hashlib.sha256(b"\0" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two neighbouring subtrees."""
    return hashlib.sha256(b"\1" + left + right).digest()


def root_of(frontier: bytes) -> bytes:
    """The root of a tree from the roots of its perfect subtrees, largest first."""
    if not frontier:
        return EMPTY
    hashes = [frontier[at : at + HASH] for at in range(0, len(frontier), HASH)]
    root = hashes.pop()
    while hashes:
        root = node_hash(hashes.pop(), root)
    return root


# --- making proofs --------------------------------------------------------------------------------
@dataclass(slots=True)
class Tree:
    """The tree of a log's first `size` entries.

    It reads each tile once, and only when asked; and it hashes each subtree once, because proofs of
    neighbours have most of theirs in common.
    """

    size: int
    tiles: Tiles
    _read: dict[tuple[int, int], bytes] = field(default_factory=dict, repr=False)
    _hashed: dict[tuple[int, int], bytes] = field(default_factory=dict, repr=False)

    def root(self, size: int | None = None) -> bytes:
        """The root of the whole tree, or the root it had at an earlier size."""
        size = self.size if size is None else size
        return self._hash(0, size) if size else EMPTY

    def inclusion(self, index: int) -> list[bytes]:
        """The hashes beside the way from a leaf up to the root (RFC 6962, section 2.1.1)."""
        if not 0 <= index < self.size:
            raise IndexError(f"entry {index} is not among the first {self.size}")
        return self._path(index, 0, self.size)

    def root_from(self, leaves: Mapping[int, bytes]) -> bytes:
        """The root, hashed from these leaves' own hashes and for all others from the tiles.

        It is a root that somebody trusts only if each of these is that tree's entry of its number.
        What one by one takes a proof each, takes one pass.
        """
        numbered = sorted(leaves.items())
        if numbered and not 0 <= numbered[0][0] <= numbered[-1][0] < self.size:
            raise IndexError(f"not all are among the first {self.size} entries")
        return self._over(numbered, 0, self.size) if self.size else EMPTY

    def consistency(self, old: int) -> list[bytes]:
        """The hashes that lead to the root at size `old` and to this one (section 2.1.2)."""
        if not 0 <= old <= self.size:
            raise IndexError(f"a tree of {self.size} never had {old} entries before")
        return self._subproof(old, 0, self.size, known=True) if 0 < old < self.size else []

    def _path(self, index: int, low: int, high: int) -> list[bytes]:
        if high - low == 1:
            return []
        middle = low + _largest_power_below(high - low)
        if index < middle:
            return [*self._path(index, low, middle), self._hash(middle, high)]
        return [*self._path(index, middle, high), self._hash(low, middle)]

    def _over(self, numbered: list[tuple[int, bytes]], low: int, high: int) -> bytes:
        if not numbered:
            return self._hash(low, high)
        if high - low == 1:
            return numbered[0][1]
        middle = low + _largest_power_below(high - low)
        at = bisect_left(numbered, (middle,))
        left = self._over(numbered[:at], low, middle)
        return node_hash(left, self._over(numbered[at:], middle, high))

    def _subproof(self, old: int, low: int, high: int, *, known: bool) -> list[bytes]:
        """`known`: the old tree begins where this part does, so its holder has that hash."""
        if old == high:
            return [] if known else [self._hash(low, high)]
        middle = low + _largest_power_below(high - low)
        if old <= middle:
            return [*self._subproof(old, low, middle, known=known), self._hash(middle, high)]
        return [*self._subproof(old, middle, high, known=False), self._hash(low, middle)]

    def _hash(self, low: int, high: int) -> bytes:
        """The root of the leaves from `low` up to `high`."""
        count = high - low
        if count & (count - 1) == 0:
            level = count.bit_length() - 1
            return self._perfect(level, low >> level)
        middle = low + _largest_power_below(count)
        return node_hash(self._hash(low, middle), self._hash(middle, high))

    def _perfect(self, level: int, n: int) -> bytes:
        """The root of the n-th subtree of 2 ** level leaves, from the next tile below it."""
        if level % TILE_LEVELS == 0:
            at = n % TILE * HASH
            return self._tile(level // TILE_LEVELS, n // TILE)[at : at + HASH]
        if (level, n) not in self._hashed:
            children = self._perfect(level - 1, 2 * n), self._perfect(level - 1, 2 * n + 1)
            self._hashed[level, n] = node_hash(*children)
        return self._hashed[level, n]

    def _tile(self, level: int, n: int) -> bytes:
        if (level, n) not in self._read:
            width = min(TILE, (self.size >> TILE_LEVELS * level) - n * TILE)
            self._read[level, n] = self.tiles.tile(level, n, width)
        return self._read[level, n]


def _largest_power_below(count: int) -> int:
    return 1 << (count - 1).bit_length() - 1


# --- believing them -------------------------------------------------------------------------------
def verify_inclusion(hashed: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> bool:
    """Whether the leaf with this hash is entry `index` of the tree with this root."""
    try:
        return 0 <= index < size and _climb(hashed, index, size, proof) == root
    except ValueError:  # the proof has too few hashes, or too many
        return False


def verify_consistency(
    old_size: int, old_root: bytes, size: int, root: bytes, proof: list[bytes]
) -> bool:
    """Whether the tree with this root begins with all entries of the old one."""
    if old_size == 0 < size:
        return old_root == EMPTY and not proof
    try:
        return old_size <= size and _climb_both(old_size, size, old_root, proof) == (old_root, root)
    except ValueError:
        return False


def _climb(hashed: bytes, index: int, size: int, proof: list[bytes]) -> bytes:
    """The root that a leaf's path leads to: `Tree._path`, backwards."""
    if size == 1:
        return _nothing_left(proof, hashed)
    *below, beside = proof
    middle = _largest_power_below(size)
    if index < middle:
        return node_hash(_climb(hashed, index, middle, below), beside)
    return node_hash(beside, _climb(hashed, index - middle, size - middle, below))


def _climb_both(
    old: int, size: int, old_root: bytes | None, proof: list[bytes]
) -> tuple[bytes, bytes]:
    """The old and the new root that a proof leads to: `Tree._subproof`, backwards.

    Where the old tree begins with this part, its root needs no proof; elsewhere it is None.
    """
    if old == size:
        same = _nothing_left(proof, old_root) if old_root else _only(proof)
        return same, same
    *below, beside = proof
    middle = _largest_power_below(size)
    if old <= middle:
        before, now = _climb_both(old, middle, old_root, below)
        return before, node_hash(now, beside)
    before, now = _climb_both(old - middle, size - middle, None, below)
    return node_hash(beside, before), node_hash(beside, now)


def _nothing_left(proof: list[bytes], hashed: bytes) -> bytes:
    if proof:
        raise ValueError("the proof has more hashes than its tree has levels")
    return hashed


def _only(proof: list[bytes]) -> bytes:
    (hashed,) = proof
    return hashed
