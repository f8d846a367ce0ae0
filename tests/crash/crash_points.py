"""A worker dies at everything it does, and the next one comes to the same end."""

import time
from itertools import count

import pytest

from tests.crash.death import At, Death
from tests.crash.product import Product
from tests.crash.small import WORKS, Work, populated

pytestmark = pytest.mark.requirement("R18", "R22")

PROCESSES = 2  # for each work: its own doorbell may wait for the row that it holds


@pytest.fixture(scope="module", params=WORKS, ids=str)
def work(request: pytest.FixtureRequest, product: Product) -> Work:
    """One of them, and a worker that carries on as many at once as are to die together."""
    product.widen_worker(PROCESSES * request.param.at_once)
    work: Work = request.param
    return work


@pytest.mark.parametrize("at", At, ids=lambda at: at.name.lower())
def test_a_worker_that_dies_anywhere_is_followed_to_the_same_end(
    product: Product, work: Work, at: At
) -> None:
    """Each time on other servers, and on each server one effect later, until work outruns death."""
    print()
    began, last = time.monotonic(), 0
    for first in count(1, work.at_once):
        effects = die_at(range(first, first + work.at_once), product, work, at)
        last += len(effects)
        if len(effects) < work.at_once:
            break
    print(f"{work}, {at.value}: {last} deaths, {time.monotonic() - began:.1f} s", flush=True)
    assert last


def die_at(numbers: range, product: Product, work: Work, at: At) -> list[str]:
    """Begin the work on as many servers, each to be stopped one effect later; see them all end."""
    servers = {each.pk: each for each in (populated() for _ in numbers)}
    with Death(product, at) as death:
        for number, server in zip(numbers, servers.values(), strict=True):
            death.awaits(server.pk, number)
            work.begin(server)
        stood = death.comes(work.sweep, lambda pk: work.is_over(servers[pk]))
        if stood:
            death.worker_follows()
        death.wait(work.sweep, lambda: all(map(work.is_over, servers.values())))
    effects = [stood.get(pk, "") for pk in servers]
    for number, server, effect in zip(numbers, servers.values(), effects, strict=True):
        work.check(server)
        if effect:
            print(f"  {at.value} {number:>3}: {effect}")
    return require_no_gap(effects)


def require_no_gap(effects: list[str]) -> list[str]:
    """Whoever is to die later than at the last effect does not die."""
    found = [effect for effect in effects if effect]
    assert effects[: len(found)] == found
    return found
