"""A whole log to take away: anyone can check it offline, and tools that were not written here too.

What must never happen: an export that was not what the log held at one moment, or that a log which
does not fit together still lets pass. What prevents it: everything is read in one REPEATABLE READ
snapshot, whose checkpoint is signed first; a tile that lacks a hash ends the export (tree.Damaged).

    checkpoint                           the signed note, and below it who witnessed it
    tile/<level>/<n>[.p/<width>]         hashes, 32 bytes each
    tile/entries/<n>[.p/<width>]         entries, each after its length (two bytes, big endian)
    private.jsonl                        [entry, field, salt in hex, value], a line for each value
    anchor.json                          how the platform's log commits to this one (audit.anchor)
    verify_bundle.py, README.txt         how to check it
"""

import json
import tarfile
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction

from enigm_command.lib.spool import Spool

from . import anchor, checkpoint, disclosure, keys, verify_bundle
from .disclosure import Disclosed
from .note import Checkpoint, Unsigned
from .tiles import StoredTiles
from .tree import TILE, TILE_LEVELS, Damaged
from .verify_bundle import tile_path
from .witness import cosigned

GZIP = 16 + zlib.MAX_WBITS
FASTEST = 1
BLOCK = tarfile.BLOCKSIZE
PATIENCE = "1min"  # how long a reader may pause; the snapshot is held meanwhile
REFUSALS = (checkpoint.Inconsistent, Damaged, Unsigned)


class File(NamedTuple):
    """One file of an export, in pieces."""

    name: str
    parts: Iterable[bytes]


@contextmanager
def snapshot() -> Iterator[None]:
    """A transaction that sees the database as it is at its first question."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{PATIENCE}'")
        yield


def archive(stream: UUID, *, disclosing: bool) -> Iterator[bytes]:
    """The export as a .tar.gz, in pieces, with little in memory at a time.

    `disclosing` opens personal values, for whoever may read them on the log's pages.
    Raises one of REFUSALS, before the first piece or between pieces.
    """
    packer = zlib.compressobj(FASTEST, zlib.DEFLATED, GZIP)
    with snapshot():
        for part in _tar(_files(stream, disclosing), folder=f"log-{stream}"):
            if packed := packer.compress(part):
                yield packed
    yield packer.flush()


def write(stream: UUID, folder: Path, *, disclosing: bool) -> None:
    """The same export as a folder, which must not exist or be empty."""
    with snapshot():
        for file in _files(stream, disclosing):
            path = folder / file.name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as opened:
                opened.writelines(file.parts)


def _files(stream: UUID, disclosing: bool) -> Iterator[File]:
    head = checkpoint.of_snapshot(stream)
    yield File("checkpoint", [cosigned(head).encode()])
    yield File("README.txt", [_readme(head).encode()])
    yield File("verify_bundle.py", [Path(verify_bundle.__file__).read_bytes()])
    yield from _tiles(StoredTiles(stream), head.size)
    if anchored := anchor.proof_of(stream):
        yield File("anchor.json", [anchored.as_json().encode()])
    if disclosing:
        yield File("private.jsonl", _lines(disclosure.in_parts(stream, head.size)))


def _tiles(log: StoredTiles, size: int) -> Iterator[File]:
    """Every tile of every level, and beside each one of level 0 the entries below it."""
    level, count = 0, size
    while count:
        for n in range(-(-count // TILE)):
            width = min(TILE, count - n * TILE)
            yield File(tile_path(level, n, width), [log.tile(level, n, width)])
            if level == 0:
                yield File(tile_path("entries", n, width), [log.bundle(n, width)])
        level, count = level + 1, count >> TILE_LEVELS


def _lines(parts: Iterable[list[Disclosed]]) -> Iterator[bytes]:
    text = json.JSONEncoder(ensure_ascii=False).encode
    for part in parts:
        lines = [
            f"[{seq}, {text(name)}, {text(salt)}, {text(value)}]\n"
            for seq, name, salt, value in part
        ]
        yield "".join(lines).encode()


def _tar(files: Iterable[File], *, folder: str) -> Iterator[bytes]:
    """A tar names a file's length before its contents, so each file is spooled first."""
    now = int(time.time())
    for name, parts in files:
        with Spool(parts) as spool:
            info = tarfile.TarInfo(f"{folder}/{name}")
            info.size, info.mtime = spool.size, now
            yield info.tobuf(tarfile.USTAR_FORMAT)
            yield from spool
            yield bytes(-spool.size % BLOCK)
    yield bytes(2 * BLOCK)


def _readme(head: Checkpoint) -> str:
    vkeys = " ".join(f"--vkey {verifier.vkey}" for verifier in keys.verifiers(head.origin))
    return README.format(origin=head.origin, size=head.size, vkeys=vkeys)


README = """\
{origin}
{size} entries

This folder is a whole audit log. Nothing but Python 3 is needed to check it:

    python3 verify_bundle.py . --complete {vkeys}

The key stands here for convenience. Take it from where you kept it before: who could forge a log
could write another key into this file. Add each checkpoint that you kept by --old FILE: only they
show what was removed or changed since then. Keep the file "checkpoint" for the next time.

Without --complete, personal values may be withheld. private.jsonl holds those that were opened for
you; do not pass it on to anyone who may not read them.

The formats are public: c2sp.org/tlog-tiles, c2sp.org/tlog-checkpoint, c2sp.org/signed-note.
"""
