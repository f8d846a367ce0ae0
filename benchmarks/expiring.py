"""The end of objects' time: what is served of it, what the sweep gives back, who waits for it."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial
from time import monotonic, sleep

import psycopg
import pyrage
from django.db import connection, connections

from benchmarks import filling
from benchmarks.filling import Stock
from benchmarks.measure import Figure, milliseconds
from content import intake, listing, partitions, retention, tasks
from content.arrival import Arrival
from content.lifetimes import LONGEST
from content.models import EncryptedObject
from enigm_command.lib import clock
from membership.access import Access

DROP = "A day's partition is dropped behind a reader of 3 s"
END = "{all:,} objects whose time is over, and no worker"
READ = "SELECT FROM content_encryptedobject WHERE expires_on = %s LIMIT 1"
READS, DAY_ROWS = 3.0, 1000  # seconds; objects of the day that is dropped


# --- a partition is dropped -----------------------------------------------------------------------
def dropping() -> list[Figure]:
    """The worst that an upload waits meanwhile."""
    day = _yesterday()
    by = filling.open_server()
    may = filling.admit_one(by)
    _fill_with_the_past(by.server_id, DAY_ROWS)
    until = monotonic() + READS + 1
    waits = []
    with ThreadPoolExecutor() as pool:
        reading, dropping = pool.submit(_read, day), pool.submit(_drop, day)
        while monotonic() < until or not dropping.done():
            waits.append(milliseconds(partial(_store, may)))
        seconds = dropping.result()
        reading.result()
    return [
        Figure(DROP, "an upload, the longest", max(waits), "ms", at_most=300),
        Figure(DROP, "uploads meanwhile", len(waits), ""),
        Figure(DROP, "dropped after", seconds, "s"),
    ]


def _yesterday() -> date:
    day = partitions.utc_today() - timedelta(days=1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT content_make_partition(%s)", [day])
    return day


def _read(day: date) -> None:
    """A long report, in a session of its own."""
    with psycopg.connect(**connection.get_connection_params()) as session:
        session.execute(READ, [day])
        sleep(READS)


def _drop(day: date) -> float:
    """As the sweep does it, which comes again each minute."""
    sleep(READS / 6)
    began = monotonic()
    try:
        while not partitions.drop_partition(day):
            pass
    finally:
        connections.close_all()
    return monotonic() - began


def _store(may: intake.Admit) -> None:
    offer = intake.Offer(kind="message", authored_at=clock.now(), lasting=LONGEST)
    intake.store(offer, Arrival(io.BytesIO(BODY), len(BODY)), may)


BODY = pyrage.encrypt(b"." * 256, [pyrage.x25519.Identity.generate().to_public()])


# --- many objects expire --------------------------------------------------------------------------
def expiring(objects: int) -> list[Figure]:
    """Nothing is served while nobody sweeps; then one sweep gives their storage back."""
    _yesterday()
    by = filling.open_server()
    access = filling.admit_one(by)()
    _fill_with_the_past(by.server_id, objects)
    mine = EncryptedObject.objects.filter(server_id=by.server_id)
    served = _served(access)
    held = _stored_bytes()
    seconds = milliseconds(tasks.expire) / 1000
    tasks.recount()
    told = retention.measured(by.server_id)
    section = END.format(all=objects)
    return [
        Figure(section, "served", served, "", at_most=0),
        Figure(section, "one sweep", seconds, "s"),
        Figure(section, "rows left after it", mine.count(), "", at_most=0),
        Figure(section, "storage given back to the system", held - _stored_bytes(), "MB"),
        Figure(section, "days that are over and still stand", len(told.past_days), "", at_most=0),
        Figure(section, "the retention page is green (1)", int(told.is_kept), "", at_least=1),
    ]


def _fill_with_the_past(server_id: object, objects: int) -> None:
    """Over since a minute at least and a day at most: some of it today, the rest yesterday."""
    now = clock.now()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    over = now - midnight + timedelta(hours=12)
    since = LONGEST + timedelta(minutes=1)
    filling.fill(server_id, Stock(objects, since=since, over=over))


def _served(access: Access) -> int:
    """In all pages, and by name."""
    page = listing.page(access, listing.Cursor())
    served = len(page.objects)
    while page.more:
        page = listing.page(access, listing.Cursor.parse(page.after))
        served += len(page.objects)
    return served + EncryptedObject.objects.available(access).count()


def _stored_bytes() -> float:
    """Of all partitions, in MB."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(pg_total_relation_size(relid)) / 1e6 FROM pg_partition_tree(%s)",
            [partitions.TABLE],
        )
        return float(cursor.fetchone()[0])
