"""The compare code: the same in the app and in the panel, and of nobody else."""

import re
from pathlib import Path

import pytest

from enigm_command.lib import locator
from membership import compare

DOCUMENT = (Path(__file__).parent.parent / "docs" / "app-api.md").read_text()
VECTOR = re.compile(
    r"^\| `([^`]+)` \| `(EN-[^`]+)` \| `(\d{4} \d{4} \d{4} \d{4})` \|$", re.MULTILINE
)
KEY, SERVER_ID = "key of uma", locator.make()

pytestmark = pytest.mark.requirement("R30")


@pytest.mark.parametrize(("fingerprint", "server_id", "code"), VECTOR.findall(DOCUMENT))
def test_the_document_gives_the_codes_that_the_panel_shows(fingerprint, server_id, code):
    assert compare.code(fingerprint, server_id) == code


def test_the_document_has_a_vector_with_a_zero_in_front_and_one_beyond_ascii():
    """What an app would get wrong first."""
    vectors = VECTOR.findall(DOCUMENT)
    assert any(code.startswith("0") for _, _, code in vectors)
    assert any(not fingerprint.isascii() for fingerprint, _, _ in vectors)


def test_a_code_is_read_out_in_four_groups_of_four_digits():
    assert re.fullmatch(r"\d{4}( \d{4}){3}", compare.code(KEY, SERVER_ID))


@pytest.mark.requirement("R15")
def test_one_person_has_another_code_on_every_server():
    codes = {compare.code(KEY, locator.make()) for _ in range(1000)}
    assert len(codes) == 1000


def test_another_key_has_another_code():
    codes = {compare.code(f"key {number}", SERVER_ID) for number in range(1000)}
    assert len(codes) == 1000


def test_what_is_key_and_what_is_server_id_cannot_be_mistaken():
    assert compare.code("B" + KEY, "A") != compare.code(KEY, "AB")
