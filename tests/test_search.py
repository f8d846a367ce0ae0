"""A word is asked for as a word: otherwise a random id is taken for a name once in a while."""

import pytest

from tests.search import says


@pytest.mark.parametrize(
    "text",
    ["ada", "by ada.", '{"actor":"ADA"}', "Ada's", "of_ada_there", b"\xff ada\x00", "\nada\n"],
)
def test_a_word_is_found_wherever_it_stands_by_itself(text):
    assert says("ada", text)


@pytest.mark.parametrize(
    "text", ["844ada78-2c49", "x9ADAx", "adamant", "Granada", b"\x00ada7", "3ada", "a da", ""]
)
def test_letters_and_digits_around_it_make_it_another_word(text):
    assert not says("ada", text)


def test_words_may_be_several_and_hold_signs():
    assert says("case (118)", b"in case (118).")
    assert says("Nørth", "Atelier Nørth".encode())
    assert not says("case (118)", "case 118")
