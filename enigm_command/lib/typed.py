"""Codes that people copy by hand or read out: a typing error is told before anything is looked up.

Random letters and digits of Crockford's base 32 (no I, L, O, U), then one check character, in
groups of four. The check is a weighted sum over the field of 32 elements with a different weight
for every place: any one mistyped character, and any two exchanged ones, are told at once.
"""

import re
import secrets
from dataclasses import dataclass

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
READ_AS = str.maketrans("OIL", "011")


class Mistyped(ValueError):
    """What was typed cannot be such a code; the message says what to check."""


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of code: what people call it, how it begins, and its random characters (5 bits)."""

    name: str
    length: int
    prefix: str = ""

    def make(self) -> str:
        """A new one, as people are shown it."""
        return self._grouped("".join(secrets.choice(ALPHABET) for _ in range(self.length)))

    def parse(self, text: str) -> str:
        """Its one spelling. Spaces, dashes, case, O for 0 and I or L for 1 are forgiven."""
        typed = re.sub(r"[\s-]", "", text.upper())
        body = typed.removeprefix(self.prefix).translate(READ_AS)
        if len(body) != self.length + 1 or not set(body) <= set(ALPHABET):
            raise Mistyped(f"A {self._shape}. Check that none is missing.")
        if body[-1] != _check(body[:-1]):
            raise Mistyped(f"This {self.name} has a typing error. Compare it with the original.")
        return self._grouped(body[:-1])

    @property
    def _shape(self) -> str:
        begins = f"{self.prefix}- and " if self.prefix else ""
        return f"{self.name} is {begins}{self.length + 1} letters and digits"

    def _grouped(self, body: str) -> str:
        whole = body + _check(body)
        groups = [whole[at : at + 4] for at in range(0, len(whole), 4)]
        return "-".join([self.prefix, *groups] if self.prefix else groups)


def _check(body: str) -> str:
    total = 0
    for character in body:
        total = _doubled(total ^ ALPHABET.index(character))
    return ALPHABET[total]


def _doubled(element: int) -> int:
    """Multiply by x modulo x^5 + x^2 + 1; the powers of x are all 31 elements that are not zero."""
    return (element << 1) ^ (0b100101 if element & 0b10000 else 0)
