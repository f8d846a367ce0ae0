"""The Server ID: an address to give to people. It finds a server and opens nothing.

`EN-` and 100 random bits in Crockford's base 32 (no I, L, O, U), then one check character, in
groups of four. The check is a weighted sum over the field of 32 elements with a different weight
for every place: any one mistyped character, and any two exchanged ones, are told at once.
"""

import re
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 20
READ_AS = str.maketrans("OIL", "011")


class Mistyped(ValueError):
    """What was typed cannot be a Server ID; the message says what to check."""


def make() -> str:
    """A new Server ID, as people are shown it."""
    return _grouped("".join(secrets.choice(ALPHABET) for _ in range(LENGTH)))


def parse(text: str) -> str:
    """The Server ID's one spelling. Spaces, dashes, case, O for 0 and I or L for 1 are forgiven."""
    typed = re.sub(r"[\s-]", "", text.upper())
    body = typed.removeprefix("EN").translate(READ_AS)
    if len(body) != LENGTH + 1 or not set(body) <= set(ALPHABET):
        raise Mistyped("A Server ID is EN- and 21 letters and digits. Check that none is missing.")
    if body[-1] != _check(body[:-1]):
        raise Mistyped("This Server ID has a typing error. Compare it with the original.")
    return _grouped(body[:-1])


def _grouped(body: str) -> str:
    whole = body + _check(body)
    return "-".join(["EN", *(whole[at : at + 4] for at in range(0, len(whole), 4))])


def _check(body: str) -> str:
    total = 0
    for character in body:
        total = _doubled(total ^ ALPHABET.index(character))
    return ALPHABET[total]


def _doubled(element: int) -> int:
    """Multiply by x modulo x^5 + x^2 + 1; the powers of x are all 31 elements that are not zero."""
    return (element << 1) ^ (0b100101 if element & 0b10000 else 0)
