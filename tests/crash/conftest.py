"""These tests look into the running product's own database; they make none of their own."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings

from tests.crash.product import Product


@pytest.fixture(scope="session")
def own_state() -> None:
    """Keys and objects lie where the running product has them."""
    assert settings.EMBEDDED == ["DATABASE_URL", "REDIS_URL"], (
        "run by manage.py test --crash-points or --chaos"
    )


@pytest.fixture
def own_checkpoints() -> None:
    """The product's own."""


@pytest.fixture(scope="module")
def product(own_state: None, django_db_blocker: Any) -> Iterator[Product]:
    with django_db_blocker.unblock():
        running = Product()
        try:
            running.start()
            yield running
        finally:
            running.stop()
