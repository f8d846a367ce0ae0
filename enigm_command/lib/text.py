"""What people type, before it is kept or shown to anyone else."""

import re
import unicodedata

JOINERS = "\u200c\u200d"  # several scripts and most emoji cannot be written without them
REFUSED = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}  # Unicode categories: control, format, surrogate, …


class Unprintable(ValueError):
    """The text holds characters that cannot be seen, or that change how others are shown."""


def clean_line(text: str) -> str:
    """One line in Unicode's composed form (NFC), trimmed, each run of spaces made one.

    Raises Unprintable for NUL and other controls, line breaks, invisible characters and
    direction marks: a name with them could pass for another one.
    """
    for character in text:
        if unicodedata.category(character) in REFUSED and character not in JOINERS:
            raise Unprintable(f"The character U+{ord(character):04X} cannot be used here.")
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip()
