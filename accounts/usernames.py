"""What a username may be, and when two spellings are the same name."""

import unicodedata

from django.core.exceptions import ValidationError

from enigm_command.lib import vault

LEAST, MOST = 3, 40
MARKS = "._-"
BLANK_LETTERS = "\u115f\u1160"  # letters to Unicode, nothing to the eye; NFKC maps their twins here


def canonical(username: str) -> str:
    """The spelling by which names are compared: case and width make no difference.

    Folding case can undo the normal form, so it is restored afterwards.
    """
    folded = unicodedata.normalize("NFKC", username).casefold()
    return unicodedata.normalize("NFKC", folded)


def retired(name: str) -> str:
    """Under what a closed account's name is kept: nobody can read it, and nobody can take it."""
    return f"closed:{vault.index(vault.PLATFORM, f'username|{name}').hex()}"


def validate(username: str) -> None:
    """Refuse a name that cannot be read out or told apart; the error says what to change."""
    name = canonical(username)
    if any(_is_hidden(character) for character in name):
        raise ValidationError(
            "This username holds a hidden character. Type it instead of pasting it.", code="hidden"
        )
    if not all(_is_allowed(character) for character in name):
        raise ValidationError(
            "Use only letters, digits, dots, dashes and underscores, and no spaces.",
            code="characters",
        )
    if not LEAST <= len(name) <= MOST or len(username) > MOST:
        raise ValidationError(f"A username has {LEAST} to {MOST} characters.", code="length")


def _is_hidden(character: str) -> bool:
    """Controls, text direction, joiners, line breaks: all that shows nothing and changes much."""
    return character in BLANK_LETTERS or unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp"}


def _is_allowed(character: str) -> bool:
    category = unicodedata.category(character)
    return category.startswith("L") or category == "Nd" or character in MARKS
