"""Servers with many objects, made fast: by INSERT from a series, as so many uploads would have left
them: 500 of each author, every fifth one media, received evenly over the last 29 days.
"""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

from django.db import connection, connections, transaction

from audit.authority import Authority
from benchmarks.preparing import make_server
from content import blobs, partitions
from content.intake import Admit
from content.models import EncryptedObject, Gate
from enigm_command.lib import clock
from membership.access import Purpose, admit
from membership.handles import member_handle
from membership.models import Membership
from membership.tokens import AppToken
from servers import policy
from servers.models import PolicyVersion

DARKENING = ("content_cutoff", "content_withholding", "content_deletionorder")
KEY = ("expires_on", "server_id", "id")
AUTHORS = 2000  # who may have sent something; of a million objects, all of them have
PER_AUTHOR, FEWEST = 500, 20
AT_ONCE = 50_000
AUTHOR = "00000000-0000-4000-9000-"  # and the author's number in hex
FILL = """
INSERT INTO content_encryptedobject
  (expires_on, server_id, id, author, kind, size, sha256,
   authored_at, received_at, effective_at, expires_at, state, body)
SELECT ((authored_at + interval '30 days') AT TIME ZONE 'UTC')::date, %(server)s,
  gen_random_uuid(),
  coalesce(%(author)s, (%(authors)s || lpad(to_hex(n %% %(senders)s * %(apart)s), 12, '0'))::uuid),
  CASE WHEN n %% 5 = 0 THEN 'media' ELSE 'message' END,
  %(size)s, sha256(n::text::bytea), authored_at, received_at,
  least(authored_at + interval '1 second', received_at), authored_at + interval '30 days', 'ready',
  CASE WHEN %(size)s <= 512 THEN decode(repeat(md5(n::text), %(size)s / 16), 'hex') END
FROM (
  SELECT n, received_at, date_trunc('second', received_at) AS authored_at FROM (
    SELECT n, now() - %(since)s - %(over)s * (n::float / %(all)s) AS received_at
    FROM generate_series(%(first)s::int, %(last)s::int) n
  ) numbered
) timed
"""


@dataclass(frozen=True, slots=True)
class Stock:
    """What a server is filled with. Bodies of more than 512 bytes lie apart: `put_apart`."""

    objects: int
    author: UUID | None = None  # or all of them in turn
    size: int = 256
    since: timedelta = timedelta(0)  # how long ago the newest was received
    over: timedelta = timedelta(days=29)  # from the oldest to the newest


def make_filled(objects: int) -> Authority:
    """A server of so many objects, with its policy and its gate; its owner's authority."""
    by = open_server()
    fill(by.server_id, Stock(objects))
    return by


def open_server() -> Authority:
    """A server that content can come to."""
    by = make_server()
    with excused():
        PolicyVersion.objects.create(server=by.warrant.server, number=1, **policy.defaults())
        Gate.objects.open(by.server_id)
    return by


def fill(server_id: UUID, stock: Stock) -> None:
    """Put so many objects there."""
    said = {
        "server": server_id,
        "author": stock.author,
        "authors": AUTHOR,
        "senders": senders(stock.objects),
        "apart": AUTHORS // senders(stock.objects),
        "size": stock.size,
        "since": stock.since,
        "over": stock.over,
        "all": stock.objects,
    }
    for first in range(1, stock.objects + 1, AT_ONCE):
        last = min(first + AT_ONCE - 1, stock.objects)
        with connection.cursor() as cursor:
            cursor.execute(FILL, {**said, "first": first, "last": last})


def put_apart(server_id: UUID, size: int) -> list[Path]:
    """Write the bodies that lie apart, and force all of them to the disk."""
    apart = EncryptedObject.objects.filter(server_id=server_id, body=None)
    storage, body = blobs.storage_of(server_id), random.randbytes(size)
    paths = [Path(storage.path(str(blobs.BlobName(*pk)))) for pk in apart.values_list(*KEY)]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    os.sync()
    return paths


@contextmanager
def without_statistics() -> Iterator[None]:
    """What is filled within is not analysed until the end, as in the first minute after a bulk."""
    names = [partitions.name_of(day) for day in partitions.days()]
    with connections["owner"].cursor() as cursor:
        for name in names:
            cursor.execute(f"ALTER TABLE {name} SET (autovacuum_enabled = off)")
        yield
        for name in names:
            cursor.execute(f"ALTER TABLE {name} RESET (autovacuum_enabled)")
    analyse()


def admit_one(by: Authority, subject: str = "lena") -> Admit:
    """Who asks what a device of one more member may rely on."""
    server = by.warrant.server
    handle = member_handle(server.pk, subject)
    with excused():
        Membership.objects.create(server=server, handle=handle, display_name="Lena Hoff")
    return partial(admit, token_of(subject), server.locator, Purpose.STORE)


def token_of(subject: str) -> AppToken:
    """What the identity service says of them."""
    said = {"account_state": "active", "device_trust": "trusted", "fingerprint": "key"}
    return AppToken(subject=subject, device="phone", name=subject, bound_to=None, **said)


def lift(by: Authority) -> None:
    """Undo what orders and withholdings put in the dark, as the owner: the product never can."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        for table in DARKENING:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for table in DARKENING:
            cursor.execute(f"DELETE FROM {table} WHERE server_id = %s", [by.server_id])  # noqa: S608
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    with excused():
        Gate.objects.filter(pk=by.server_id).update(floor=clock.LONG_AGO)


@contextmanager
def excused() -> Iterator[None]:
    """A transaction that the guards let pass, for rows that stand for acts of long ago."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('audit.seen', pg_current_xact_id()::text, true)")
        yield


def analyse() -> None:
    """What autovacuum does within a minute of a bulk."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {partitions.TABLE}")


def author(number: int) -> UUID:
    """One of the authors."""
    return UUID(f"{AUTHOR}{number:012x}")


def senders(objects: int) -> int:
    """How many of the authors have sent so much between them."""
    return min(max(objects // PER_AUTHOR, FEWEST), AUTHORS)


def sender(number: int, objects: int) -> UUID:
    """One of those: their numbers are spread evenly over all."""
    return author(number * (AUTHORS // senders(objects)))
