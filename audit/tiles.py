"""The tiles and entry bundles of one log, read out of PostgreSQL as c2sp.org/tlog-tiles has them.

No tile is stored. One of level 0 is the hashes of 256 entries; one above is 256 of the nodes that
appending leaves behind.
"""

from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any
from uuid import UUID

from django.db import connection

from .tree import HASH, TILE, TILE_LEVELS, Damaged

LEAVES = """
    SELECT string_agg(leaf_hash, '' ORDER BY seq) FROM audit_event
    WHERE stream_id = %(stream)s AND seq >= %(first)s AND seq < %(end)s
"""
NODES = """
    SELECT string_agg(hash, '' ORDER BY n) FROM audit_node
    WHERE stream_id = %(stream)s AND level = %(level)s AND n >= %(first)s AND n < %(end)s
"""
ENTRIES = """
    SELECT count(*), string_agg(substring(int4send(length(leaf)) FROM 3) || leaf, '' ORDER BY seq)
    FROM audit_event WHERE stream_id = %(stream)s AND seq >= %(first)s AND seq < %(end)s
"""
Tile = tuple[int, int, int]  # level, number, width


class StoredTiles:
    """Where proofs, exports and checks read a log of the database."""

    def __init__(self, stream: UUID) -> None:
        self.stream = stream

    def tile(self, level: int, n: int, width: int) -> bytes:
        """The first `width` hashes of tile `n` of a level; Damaged when one is missing."""
        (hashes,) = self._row(NODES if level else LEAVES, n, width, level=TILE_LEVELS * level)
        if len(hashes or b"") != HASH * width:
            raise Damaged(f"tile {n} of level {level} does not have its {width} hashes")
        return bytes(hashes)

    def bundle(self, n: int, width: int) -> bytes:
        """The entries below tile `n` of level 0, each after its length in two bytes."""
        count, entries = self._row(ENTRIES, n, width)
        if count != width:
            raise Damaged(f"entries {n * TILE} to {n * TILE + width - 1}: {count} of {width} exist")
        return bytes(entries)

    def _row(self, query: str, n: int, width: int, **more: int) -> tuple:
        asked = {"stream": self.stream, "first": n * TILE, "end": n * TILE + width, **more}
        with connection.cursor() as cursor:
            cursor.execute(query, asked)
            row: tuple = cursor.fetchone()
            return row


class TilesAround(StoredTiles):
    """The tiles that prove some entries of one log, read in one question."""

    def __init__(self, stream: UUID, size: int, entries: Iterable[int]) -> None:
        super().__init__(stream)
        wanted = sorted(_around(size, entries))
        self._read = dict(zip(wanted, self._ask(wanted), strict=True)) if wanted else {}

    def tile(self, level: int, n: int, width: int) -> bytes:
        """As of a stored tile; one that was not foreseen is read by itself."""
        hashes = self._read.get((level, n, width))
        if hashes is None or len(hashes) != HASH * width:
            return super().tile(level, n, width)
        return hashes

    def _ask(self, wanted: list[Tile]) -> list[bytes]:
        columns, asked = [], dict[str, Any](stream=self.stream)
        for at, (level, n, width) in enumerate(wanted):
            names = {"level": f"level{at}", "first": f"first{at}", "end": f"end{at}"}
            query = NODES if level else LEAVES
            for name, numbered in names.items():
                query = query.replace(f"%({name})s", f"%({numbered})s")
            columns.append(f"({query})")
            values = (TILE_LEVELS * level, n * TILE, n * TILE + width)
            asked |= dict(zip(names.values(), values, strict=True))
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(columns)}", asked)
            return [bytes(hashes or b"") for hashes in cursor.fetchone()]


def _around(size: int, entries: Iterable[int]) -> Iterator[Tile]:
    """On each level, the tiles above these entries and the last one, at which the tree ends."""
    seen = set()
    for level in count():
        last = (size >> TILE_LEVELS * level) - 1
        if last < 0:
            return
        for at in [*(entry >> TILE_LEVELS * level for entry in entries), last]:
            n = min(at, last) // TILE
            tile = (level, n, min(TILE, last + 1 - n * TILE))
            if tile not in seen:
                seen.add(tile)
                yield tile
