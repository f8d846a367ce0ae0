"""What a round would tell of: a product with one mistake in it does not come through."""

from typing import Any

import pytest

from tests.crash.chaos_rounds import live_through
from tests.crash.product import Product
from tests.crash.town import Town

ROUNDS, PATIENCE = 8, 20.0
MISTAKES = {  # what brings them to light, and by which rule
    "no sweep": (["worker", "valkey and all it held"], "I0"),
    "rows before files": (["read only storage"], "I2"),
    "entry after commit": (["web", "worker", "postgres"], "I4"),
    "reads without orders": (["read only storage"], "I1"),
}


def tell_of(product: Product, seeds: range, names: list[str]) -> None:
    """Rounds, until one does not end as it should."""
    town = Town(product)
    for seed in range(seeds.start, seeds.start + ROUNDS):
        live_through(town, seed, names, PATIENCE)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_it_is_told_of(mistake: str, seeds: range, own_state: None, django_db_blocker: Any) -> None:
    names, rule = MISTAKES[mistake]
    print(f"\n{mistake}:", end="")
    with django_db_blocker.unblock():
        product = Product(mistake)
        try:
            product.start()
            with pytest.raises(AssertionError, match=rule) as told:
                tell_of(product, seeds, names)
        finally:
            product.stop()
    print(f"\n  {str(told.value)[:90]}")
