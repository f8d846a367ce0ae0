"""What the documents say of tests is so."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TESTS = "\n".join(path.read_text() for path in sorted((ROOT / "tests").rglob("*.py")))
DEFINED = set(re.findall(r"^\s*(?:async )?def (test_\w+)", TESTS, re.M))


@pytest.mark.requirement("R30")
@pytest.mark.parametrize("name", ["asvs.md", "keys.md", "security.md"])
def test_every_test_that_a_document_names_is_there(name):
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs" / name).read_text()))

    assert named <= DEFINED, named - DEFINED


def test_each_of_the_eighty_four_points_has_its_line():
    lines = re.findall(r"^\| (\d+) \|", (ROOT / "docs" / "asvs.md").read_text(), re.M)

    assert [int(number) for number in lines] == list(range(1, 85))


@pytest.mark.parametrize("line", (ROOT / "docs" / "security.md").read_text().splitlines())
def test_every_threat_has_a_control_and_a_test(line):
    if line.startswith("| ") and not line.startswith("| threat"):
        threat, control, shown_by = (cell.strip() for cell in line.strip("|").split("|"))
        assert threat
        assert control
        assert re.search(r"`test_\w+`", shown_by)
