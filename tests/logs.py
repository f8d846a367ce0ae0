"""Logs for tests: trees in memory, entries by the hundred, and the offline check of an export."""

import json
from pathlib import Path
from uuid import UUID

from django.db import connection

from audit import checkpoint, export, private, tree, verify_bundle
from enigm_command.lib import vault

APPEND = """
SELECT count(audit_append(%s, 'server.renamed', said, held))
FROM unnest(%s::jsonb[], %s::jsonb[]) entry (said, held)
"""


class MemoryTiles:
    """The tiles of a tree that never lay anywhere."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.levels = [[tree.leaf_hash(leaf) for leaf in leaves]]
        while len(self.levels[-1]) >= tree.TILE:
            below = self.levels[-1]
            ends = range(tree.TILE, len(below) + 1, tree.TILE)
            self.levels.append([perfect_root(below[end - tree.TILE : end]) for end in ends])

    def tile(self, level: int, n: int, width: int) -> bytes:
        hashes = self.levels[level][n * tree.TILE : n * tree.TILE + width]
        assert len(hashes) == width
        return b"".join(hashes)


def perfect_root(hashes: list[bytes]) -> bytes:
    while len(hashes) > 1:
        pairs = zip(hashes[::2], hashes[1::2], strict=True)
        hashes = [tree.node_hash(left, right) for left, right in pairs]
    return hashes[0]


def slow_root(hashes: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, to the letter."""
    if len(hashes) == 1:
        return hashes[0]
    half = 1
    while 2 * half < len(hashes):
        half *= 2
    return tree.node_hash(slow_root(hashes[:half]), slow_root(hashes[half:]))


def grow(stream: UUID, count: int, *, named: bool = True) -> None:
    """Append entries as the product does, without an act behind them. Ada did them all."""
    vault.make_key(stream)
    data = [json.dumps({"capacity": "administrator", "n": n}) for n in range(count)]
    values = [{"actor": private.commit(stream, "actor", f"ada {n}")} for n in range(count)]
    written = [json.dumps(each if named else {}) for each in values]
    with connection.cursor() as cursor:
        cursor.execute(APPEND, [stream, data, written])


def exported(stream: UUID, folder: Path) -> Path:
    """The log as a folder, as its administrator would take it away."""
    export.write(stream, folder, disclosing=True)
    return folder


def vkey_of(stream: UUID) -> str:
    """What the administrator checks with."""
    return checkpoint.verifiers(stream)[0].vkey


class Verdict(str):
    """What the offline check printed."""

    status: int


def check(capsys: object, path: Path, vkey: str, *options: str | Path) -> Verdict:
    """Run the offline check in this process."""
    status = verify_bundle.main([str(path), "--vkey", vkey, *map(str, options)])
    verdict = Verdict(capsys.readouterr().out)  # type: ignore[attr-defined]
    verdict.status = status
    return verdict
