"""What people type, before anyone else sees it."""

import pytest

from enigm_command.lib.text import Unprintable, clean_line

pytestmark = pytest.mark.requirement("R30")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Lena   Hoff ", "Lena Hoff"),
        ("Jose\u0301", "José"),
        ("Lena\u00a0Hoff", "Lena Hoff"),
        ("क्\u200dष", "क्\u200dष"),
        ("👩\u200d🔬", "👩\u200d🔬"),
        ("עדה", "עדה"),
        ("", ""),
    ],
)
def test_a_line_is_kept_in_one_form(typed, kept):
    assert clean_line(typed) == kept


INVISIBLE = (0xAD, 0x61C, 0x200B, 0x200F, 0x2028, 0x202E, 0x2066, 0xFEFF, 0xE0041)
NO_CHARACTERS = (0x0, 0x7, 0x9, 0xA, 0xD, 0x7F, 0x85, 0xD800, 0xE000)


@pytest.mark.parametrize("code", [*NO_CHARACTERS, *INVISIBLE], ids=hex)
def test_what_cannot_be_seen_or_turns_the_line_around_is_refused(code):
    with pytest.raises(Unprintable, match=f"U\\+{code:04X}"):
        clean_line(f"Le{chr(code)}na")
