"""What dies, sleeps or goes mad while an order is carried out: struck on entry, healed on exit."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from random import Random

import psycopg
from django.db import connections
from redis import Redis

from content.models import DeletionOrder
from enigm_command.devstack import paths
from tests.crash.product import Product

READ_ONLY = 10.0  # seconds
Victim = Callable[[Product, Random], AbstractContextManager[None]]
VICTIMS: dict[str, Victim] = {}


def victim(strike: Callable[[Product, Random], Iterator[None]]) -> Victim:
    """List it under its name."""
    known = contextmanager(strike)
    VICTIMS[strike.__name__.replace("_", " ")] = known
    return known


@victim
def web(product: Product, chance: Random) -> Iterator[None]:
    product.kill("web")
    yield
    product.start_again("web")


@victim
def worker(product: Product, chance: Random) -> Iterator[None]:
    product.kill("worker")
    yield
    product.start_again("worker")


@victim
def pool_child(product: Product, chance: Random) -> Iterator[None]:
    """Celery starts another one by itself."""
    pid = product.programs["worker"].process.pid
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    os.kill(int(chance.choice(children)), signal.SIGKILL)
    yield


@victim
def postgres(product: Product, chance: Random) -> Iterator[None]:
    product.kill("PostgreSQL")
    yield
    product.start_again("PostgreSQL")
    connections.close_all()


@victim
def one_backend(product: Product, chance: Random) -> Iterator[None]:
    """By SIGKILL: PostgreSQL then ends all the others, and recovers by itself."""
    with product.superuser() as session:
        query = "SELECT pid FROM pg_stat_activity WHERE usename = 'enigm_app'"
        pids = [pid for (pid,) in session.execute(query)]
    os.kill(chance.choice(pids), signal.SIGKILL)
    yield
    while not answers(product):
        time.sleep(0.1)
    connections.close_all()


@victim
def valkey(product: Product, chance: Random) -> Iterator[None]:
    product.kill("Valkey")
    yield
    product.start_again("Valkey")


@victim
def valkey_and_all_it_held(product: Product, chance: Random) -> Iterator[None]:
    product.kill("Valkey")
    for kept in sorted((paths.state_folder() / "valkey").rglob("*"), reverse=True):
        kept.rmdir() if kept.is_dir() else kept.unlink()
    yield
    product.start_again("Valkey")


@victim
def every_message(product: Product, chance: Random) -> Iterator[None]:
    with Redis.from_url(paths.embedded_redis()) as broker:
        broker.flushall()
    yield


@victim
def messages_that_come_many_times(product: Product, chance: Random) -> Iterator[None]:
    for _ in range(5):
        for pk in DeletionOrder.objects.filter(finished_at=None).values_list("pk", flat=True):
            product.ring("content.purge", str(pk))
        product.ring("content.expire")
    yield


@victim
def sleep_longer_than_a_lease(product: Product, chance: Random) -> Iterator[None]:
    """Another worker takes over what the first one still believes to hold when it wakes."""
    asleep = product.programs["worker"].process.pid
    os.killpg(asleep, signal.SIGSTOP)
    product.run_out_of_leases()
    with product.another("worker"):
        product.ring("content.purges")
        time.sleep(chance.uniform(1, 3))
        os.killpg(asleep, signal.SIGCONT)
        yield


@victim
def two_sweepers(product: Product, chance: Random) -> Iterator[None]:
    sweep = chance.choice(("content.expire", "content.purges"))
    with ThreadPoolExecutor() as pool:
        for _ in range(2):
            pool.submit(product.command, "sweep", sweep)
        yield


@victim
def two_beats(product: Product, chance: Random) -> Iterator[None]:
    with product.another("beat"):
        yield


@victim
def read_only_storage(product: Product, chance: Random) -> Iterator[None]:
    mark = product.points / "read-only"
    mark.touch()
    try:
        time.sleep(READ_ONLY)
    finally:
        mark.unlink()
    yield


def answers(product: Product) -> bool:
    """Has PostgreSQL recovered?"""
    try:
        with product.superuser():
            return True
    except psycopg.OperationalError:
        return False
