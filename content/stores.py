"""Everything an order must empty. An order ends only when each of these counts nothing more.

A place where content can lie and that is not listed here would outlive every receipt: whoever adds
one adds its line.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Protocol

from django.db.models import Q

from . import partitions
from .destruction import (
    Destroyed,
    destroy_inline,
    destroy_listed,
    is_less_than_a_batch,
)
from .models import DeletionOrder, State

Step = Callable[[], Destroyed]


class StillSomethingLeft(Exception):
    """The second look found covered content; the order is carried on."""


class Store(Protocol):
    """One place where an order's content can lie."""

    name: str

    def count(self, order: DeletionOrder) -> int:
        """How much of it is left there, by another look than the purge's own."""
        ...

    def steps(self, order: DeletionOrder) -> Iterator[Step]:
        """How to empty it: each step is repeated, a transaction a time, until it finds nothing."""
        ...


class Rows:
    """Objects of one form: each lies in its row or apart, or is still on its way."""

    def __init__(self, name: str, form: Q) -> None:
        self.name, self.form = name, form

    def count(self, order: DeletionOrder) -> int:
        """By what the order covers alone, without the bound that makes the purge fast."""
        return order.covered().filter(self.form).count()

    def steps(self, order: DeletionOrder) -> Iterator[Step]:
        """Little goes in one statement across the days, much goes day by day, newest day first:
        what a device would have read first is skipped by no read any longer than it must be."""
        doomed = order.purgeable().filter(self.form)
        if self.form == INLINE and not is_less_than_a_batch(doomed):
            for day in reversed(partitions.days()):
                yield partial(destroy_inline, doomed, day)
        yield partial(destroy_listed, doomed)


INLINE = Q(body__isnull=False)
APART = Q(body=None, state__in=[State.READY, State.LOST])
PENDING = Q(state=State.PENDING)

STORES: list[Store] = [
    Rows("rows", INLINE),
    Rows("files", APART),
    Rows("uploads", PENDING),
]


def count_left(order: DeletionOrder) -> dict[str, int]:
    """How much of what an order covers is left, store by store."""
    return {store.name: store.count(order) for store in STORES}


def look_again(order: DeletionOrder) -> dict[str, int]:
    """The second look; StillSomethingLeft unless all stores count nothing."""
    found = count_left(order)
    if any(found.values()):
        raise StillSomethingLeft
    return found
