"""What `manage.py test --chaos` takes on its line."""

import secrets

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("chaos")
    group.addoption("--chaos", type=int, metavar="N", help="how many rounds", required=True)
    group.addoption("--seed", type=int, help="of the first round; each next one has the next seed")


@pytest.fixture(scope="session")
def seeds(pytestconfig: pytest.Config) -> range:
    """One for each round, so that one round can be told again by its own seed."""
    said = pytestconfig.getoption("seed")
    first = secrets.randbelow(10**6) if said is None else said
    return range(first, first + pytestconfig.getoption("chaos"))
