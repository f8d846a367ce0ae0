"""Bytes put aside until their number is known: on the disk when they are many, and read by nobody.

What touches the disk is encrypted (AES-256-CTR) by a key that only the spool itself has ever held.
"""

import secrets
from collections.abc import Iterable, Iterator
from tempfile import SpooledTemporaryFile
from typing import Self

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CTR

IN_MEMORY, PIECE = 2**20, 2**16  # bytes


class Spool:
    """Takes all the pieces at once, knows their size, and gives them back, as often as asked."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self.file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115, closed by __exit__
        self.cipher = Cipher(AES256(secrets.token_bytes(32)), CTR(bytes(16)))
        encrypt = self.cipher.encryptor().update
        self.size = sum(self.file.write(encrypt(part)) for part in parts)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def __iter__(self) -> Iterator[bytes]:
        self.file.seek(0)
        decrypt = self.cipher.decryptor().update
        while piece := self.file.read(PIECE):
            yield decrypt(piece)
