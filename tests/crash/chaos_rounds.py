"""Whatever dies while an order is carried out: it acts at once, ends, and is told exactly once."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from random import Random
from typing import Any

import pytest

from tests.crash.product import Product
from tests.crash.town import SCOPES, Town
from tests.crash.victims import VICTIMS

pytestmark = pytest.mark.requirement("R17", "R18", "R22")

PATIENCE = 60.0  # seconds for all to end
AMID = 0.45  # seconds, within which an order is on its way or has just begun


def live_through(town: Town, seed: int, names: list[str], patience: float = PATIENCE) -> None:
    """One round: they send, Paula orders, somebody is struck; then all must be as it should."""
    chance = Random(seed)
    name, scope, after = chance.choice(names), chance.choice(SCOPES), chance.uniform(0, AMID)
    began = time.monotonic()
    print(
        f"\n  --chaos 1 --seed {seed}: {name}, {after:.2f} s after {words(scope)}",
        end="",
        flush=True,
    )
    with town.watched():
        town.send()
        town.review(scope)
        with ThreadPoolExecutor() as pool, ExitStack() as struck:
            order = pool.submit(town.confirm, scope)
            time.sleep(after)
            struck.enter_context(VICTIMS[name](town.product, chance))
            time.sleep(chance.uniform(0, 1))
            struck.close()
            order.result()
        town.product.run_out_of_leases()
        town.settle(patience)
    town.check()
    print(f": {time.monotonic() - began:.1f} s", end="", flush=True)


def words(scope: dict[str, Any]) -> str:
    """What it reaches."""
    return f"an order for {' '.join(scope.values())}"


def test_every_order_ends_whatever_dies(product: Product, seeds: range) -> None:
    town = Town(product)
    for seed in seeds:
        live_through(town, seed, sorted(VICTIMS))
    verified = product.command("audit_verify", "--all")
    assert f"{town.pk}: intact" in verified.stdout, verified
