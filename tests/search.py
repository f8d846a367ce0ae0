"""Looking for a text: in everything that is left of a day, in whatever disguise, or as a word."""

import base64
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

from django.db import connection

ENOUGH = 8  # characters: shorter looks stand in any noise
BYTEA = re.compile(rb"\\\\x([0-9a-f]{2,})")


def says(words: str, text: str | bytes) -> bool:
    """Whether these words stand in a text by themselves, in capitals or not.

    Inside of ids, digests and tokens every short word is spelled sooner or later.
    """
    read = text if isinstance(text, str) else bytes(text).decode(errors="replace")
    alone = rf"(?<![a-z0-9]){re.escape(words)}(?![a-z0-9])"
    return re.search(alone, read, re.ASCII | re.IGNORECASE) is not None


def tables() -> Iterator[tuple[str, bytes]]:
    """Every row of every table, those of partitions too, as text. Bytes stand there in hex."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind IN ('r', 'p') AND NOT relispartition"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT coalesce(string_agg(t::text, '|'), '') FROM {table} t")
            yield table, cursor.fetchone()[0].encode()


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file of a folder: keys, stored objects, log lines, mails."""
    for path in folder.rglob("*"):
        if path.is_file():
            yield str(path), path.read_bytes()


def unpacked(dump: bytes) -> bytes:
    """What the byte columns of a dump hold."""
    return b"\n".join(bytes.fromhex(found.decode()) for found in BYTEA.findall(dump))


def disguises(text: str) -> set[bytes]:
    """As it is, in other letters, in hex, as addresses and JSON spell it, in shifted base64."""
    plain = text.encode()
    spelled = [text, text.swapcase(), text.lower(), text.upper(), json.dumps(text)[1:-1]]
    spelled += [quote(text, safe=""), quote_plus(text), plain.hex(), plain.hex().upper()]
    spelled += [text.replace("&", "&amp;").replace("'", "&#x27;")]
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        shifted = [encode(b" " * pad + plain)[4 if pad else 0 : -4] for pad in range(3)]
        spelled += [look.decode() for look in shifted if len(look) >= ENOUGH]
    return {look.encode() for look in spelled}


def found(texts: Iterable[str], places: Iterable[tuple[str, bytes]]) -> set[tuple[str, str]]:
    """Which of the texts stand in which of the places, in whatever disguise."""
    looked_for = {text: disguises(text) for text in texts}
    return {
        (text, place)
        for place, contents in places
        for text, looks in looked_for.items()
        if any(look in contents for look in looks)
    }
