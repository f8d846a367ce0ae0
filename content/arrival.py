"""A body on its way in: read once, and measured, hashed and looked at as it passes."""

import hashlib
from collections.abc import Iterator
from typing import Protocol

from enigm_command.lib.problems import Problem

from . import envelope

CHUNK = 64 * 1024


class CutShort(Problem):
    """The connection ended before the body did."""

    def __init__(self) -> None:
        super().__init__(400, "length_mismatch", "The body is not as long as Content-Length says.")


class NotSealed(Problem):
    """The body is in no form that we know as sealed."""

    def __init__(self) -> None:
        super().__init__(
            422, "not_an_encrypted_envelope", "The body is not an age v1 file. Seal it first."
        )


class Source(Protocol):
    """Whatever bytes come from: a request."""

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; none at the end."""
        ...


class Arrival:
    """What a storage saves: it asks for `chunks` and nothing else. `size` is what was announced."""

    def __init__(self, source: Source, size: int) -> None:
        self.size = size
        self._source, self._left, self._hash = source, size, hashlib.sha256()
        self._head = b""

    @property
    def sha256(self) -> bytes:
        """The digest of what has passed so far."""
        return self._hash.digest()

    def check_envelope(self) -> None:
        """Look at the beginning, before anything is kept; NotSealed if it is no envelope."""
        self._head = b"".join(self._read(envelope.LONGEST_HEADER))
        try:
            envelope.check(self._head, self.size)
        except envelope.NotAnEnvelope as error:
            raise NotSealed from error

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """The whole body, once; CutShort when it ends early."""
        yield self._head
        yield from self._read(self.size)

    def _read(self, most: int) -> Iterator[bytes]:
        wanted = min(most, self._left)
        while wanted:
            chunk = self._next(min(CHUNK, wanted))
            wanted -= len(chunk)
            self._left -= len(chunk)
            self._hash.update(chunk)
            yield chunk

    def _next(self, size: int) -> bytes:
        try:
            chunk = self._source.read(size)
        except OSError as error:
            raise CutShort from error
        if not chunk:
            raise CutShort
        return chunk
