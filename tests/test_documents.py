"""What the documents say of tests and of the code is so."""

import ast
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from enigm_command.management.commands.standings import ARROWS
from tests.test_architecture import actions, recorded_in

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


# --- docs/standings.md ----------------------------------------------------------------------------
def settles(function: ast.AST) -> bool:
    """Does this act decide anew how the server stands?"""
    calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    return any(isinstance(called, ast.Name) and called.id == "settle" for called in calls)


@pytest.mark.requirement("R24", "R26")
def test_the_standings_are_drawn_as_the_code_has_them():
    told = StringIO()
    call_command("standings", stdout=told)
    assert told.getvalue() == (ROOT / "docs" / "standings.md").read_text(), (
        "draw it anew: manage.py standings > docs/standings.md"
    )


@pytest.mark.requirement("R24", "R26")
def test_every_act_that_changes_a_standing_is_drawn():
    changing = {
        act for _, function in actions() if settles(function) for act in recorded_in(function)
    }
    assert changing == {act.name for _, _, act in ARROWS}
