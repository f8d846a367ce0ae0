"""Everything an order must empty. An order ends only when each of these counts nothing more.

A place where content can lie and that is not listed here would outlive every receipt: whoever adds
one adds its line.
"""

from collections.abc import Iterator
from typing import ClassVar, Protocol

from django.db.models import Count, Q

from . import destruction
from .destruction import Destroyed
from .models import DeletionOrder, State


class StillSomethingLeft(Exception):
    """The second look found covered content; the order is carried on."""


class Store(Protocol):
    """One place where an order's content can lie."""

    def count(self, order: DeletionOrder) -> dict[str, int]:
        """How much of it is left there, of each form, by another look than the purge's own."""
        ...

    def batches(self, order: DeletionOrder) -> Iterator[Destroyed]:
        """Empty it: a batch each time that the next one is asked for, a transaction each."""
        ...


class Objects:
    """Each lies in its row or apart, or is still on its way. One look finds all three: a look
    across the days takes longer to plan than to do."""

    FORMS: ClassVar[dict[str, Q]] = {
        "rows": Q(body__isnull=False),
        "files": Q(body=None, state__in=[State.READY, State.LOST]),
        "uploads": Q(state=State.PENDING),
    }

    def count(self, order: DeletionOrder) -> dict[str, int]:
        """By what the order covers alone, without the bound that makes the purge fast."""
        forms = {name: Count("id", filter=form) for name, form in self.FORMS.items()}
        return order.covered().aggregate(**forms)

    def batches(self, order: DeletionOrder) -> Iterator[Destroyed]:
        """What it covers, by the index."""
        return destruction.batches(order.purgeable())


STORES: list[Store] = [Objects()]


def count_left(order: DeletionOrder) -> dict[str, int]:
    """How much of what an order covers is left, in every store."""
    return {form: left for store in STORES for form, left in store.count(order).items()}


def look_again(order: DeletionOrder) -> dict[str, int]:
    """The second look; StillSomethingLeft unless all stores count nothing."""
    found = count_left(order)
    if any(found.values()):
        raise StillSomethingLeft
    return found
