"""The Server ID tells a typing error before anything is looked up."""

import pytest

from enigm_command.lib import locator

pytestmark = pytest.mark.requirement("R11")


def test_a_server_id_survives_how_people_type():
    made = locator.make()
    assert locator.parse(made) == made
    assert locator.parse(made.lower().replace("-", " ")) == made
    assert locator.parse(made.removeprefix("EN-").replace("0", "O").replace("1", "l")) == made


def test_any_one_wrong_character_is_told():
    made = locator.make()
    for at in range(3, len(made)):
        if made[at] == "-":
            continue
        wrong = next(c for c in locator.ALPHABET if c != made[at])
        with pytest.raises(locator.Mistyped):
            locator.parse(made[:at] + wrong + made[at + 1 :])


def test_two_exchanged_characters_are_told():
    body = locator.make().removeprefix("EN-").replace("-", "")
    for at in range(len(body) - 1):
        if body[at] != body[at + 1]:
            exchanged = body[:at] + body[at + 1] + body[at] + body[at + 2 :]
            with pytest.raises(locator.Mistyped):
                locator.parse("EN-" + exchanged)


@pytest.mark.parametrize("typed", ["", "EN-", "EN-7KQ4-M2XD", "EN-" + "U" * 21, "x" * 500])
def test_what_cannot_be_a_server_id_says_what_to_check(typed):
    with pytest.raises(locator.Mistyped, match=r"Server ID"):
        locator.parse(typed)


def test_server_ids_do_not_repeat():
    assert len({locator.make() for _ in range(1000)}) == 1000
