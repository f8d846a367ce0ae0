"""`manage.py test --requirements`: each row of docs/requirements.md with the tests that prove it.

A test carries the rows it proves: `@pytest.mark.requirement("R12")`. A row that says it is done and
has no test fails the run; so does a mark that names no row.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

TABLE = Path(__file__).parent.parent / "docs" / "requirements.md"
ROW = re.compile(r"^\| (R\d+) \| (.+?) \| (.+?) \|$", re.M)
STATES = ("done", "begun", "planned")


class Row(NamedTuple):
    """One requirement: its id, its sentence, and how far it is."""

    id: str
    text: str
    state: str


def rows() -> list[Row]:
    """Every row of the table, in its order."""
    found = [Row(*cells) for cells in ROW.findall(TABLE.read_text())]
    if odd := [row.id for row in found if row.state not in STATES]:
        raise pytest.UsageError(f"neither {', '.join(STATES)} in {TABLE.name}: {', '.join(odd)}")
    return found


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--requirements",
        action="store_true",
        help="print each requirement with the tests that prove it, and run none",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    unknown = {mark for item in items for mark in _marks(item)} - {row.id for row in rows()}
    if unknown:
        raise pytest.UsageError(f"no such row in {TABLE.name}: {', '.join(sorted(unknown))}")


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    if not session.config.getoption("requirements"):
        return None
    proofs = _proofs(session.items)
    for row in rows():
        print(f"\n{row.id:<4} {row.state:<8} {row.text}")
        for test in proofs[row.id]:
            print(f"     {test}")
    if missing := [row.id for row in rows() if row.state == "done" and not proofs[row.id]]:
        raise pytest.UsageError(f"said to be done, and proved by no test: {', '.join(missing)}")
    return True


def _proofs(items: list[pytest.Item]) -> dict[str, list[str]]:
    """The tests of each row; the cases of one test count once."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for item in items:
        for row in _marks(item):
            found[row][item.nodeid.partition("[")[0]] = None
    return defaultdict(list, {row: list(tests) for row, tests in found.items()})


def _marks(item: pytest.Item) -> Iterator[str]:
    for mark in item.iter_markers("requirement"):
        yield from mark.args
