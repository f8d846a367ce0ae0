"""Encrypted content: every number the design is held to, in one run (`manage.py bench`)."""

from argparse import Namespace
from collections.abc import Callable
from functools import partial
from time import monotonic

from audit.authority import Authority
from benchmarks import expiring, filling, lists, memory, orders, overhead, panel, purges
from benchmarks.filling import Stock
from benchmarks.measure import Figure
from servers.models.policy import LARGEST_OBJECT

FEW = 1000

Part = Callable[[], list[Figure]]


def run(asked: Namespace) -> list[Figure]:
    """Every figure; the largest server has `asked.objects`."""
    few, many = filling.make_filled(FEW), filling.open_server()
    figures = []
    for name, part in _parts(few, many, asked.objects).items():
        began = monotonic()
        figures += part()
        print(f"{name}: {monotonic() - began:.0f} s", flush=True)
    return figures


def _parts(few: Authority, many: Authority, objects: int) -> dict[str, Part]:
    """In this order: the first fills the large server, and those at the end empty others."""
    return {
        "a list of what came just now": partial(_fresh, many, objects),
        "lists": partial(lists.figures, many),
        "orders": partial(orders.commits, {FEW: few, objects: many}),
        "orders while others store": orders.while_storing,
        "the panel": partial(panel.figures, many),
        "the audit log": overhead.figures,
        "one author": partial(purges.of_authors, many, objects),
        "one user, with files": partial(purges.of_a_user, many, objects),
        "files": purges.of_files,
        "a partition dropped": expiring.dropping,
        "a large object": partial(memory.web, LARGEST_OBJECT),
        "purges": partial(purges.rates, objects),
        "expiry": partial(expiring.expiring, objects),
    }


def _fresh(many: Authority, objects: int) -> list[Figure]:
    with filling.without_statistics():
        filling.fill(many.server_id, Stock(objects))
        return lists.fresh(many)
