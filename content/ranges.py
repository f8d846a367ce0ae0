"""A part of a body, as `Range: bytes=` asks for it (RFC 9110, section 14).

One range at most: a header that asks for several, or that cannot be read, is answered with the
whole, as the RFC allows.
"""

import re
from typing import BinaryIO, NamedTuple, Self

from enigm_command.lib.problems import Problem

ONE_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class OutOfRange(Problem):
    """What is asked for lies beyond the body's end."""

    def __init__(self, size: int) -> None:
        headers = {"Content-Range": f"bytes */{size}"}
        super().__init__(416, "out_of_range", "The body ends before this range.", headers=headers)


class Stretch(NamedTuple):
    """`length` bytes from `start` on, of a body of `size` bytes."""

    start: int
    length: int
    size: int

    @classmethod
    def asked_for(cls, header: str, size: int) -> Self:
        """What the header asks for, or the whole; OutOfRange if there is nothing of it."""
        asked = ONE_RANGE.fullmatch(header.replace(" ", ""))
        if asked is None or asked.groups() == ("", ""):
            return cls(0, size, size)
        first, last = asked.groups()
        start, end = (int(first), int(last or size)) if first else (size - int(last), size)
        if first and last and start > end:
            return cls(0, size, size)
        start, end = max(start, 0), min(end, size - 1)
        if start > end:
            raise OutOfRange(size)
        return cls(start, end - start + 1, size)

    def of(self, body: bytes | memoryview) -> bytes:
        """These bytes of a body that is at hand."""
        return bytes(body[self.start : self.start + self.length])

    @property
    def is_whole(self) -> bool:
        return self.length == self.size

    @property
    def header(self) -> str:
        """As `Content-Range` says it."""
        return f"bytes {self.start}-{self.start + self.length - 1}/{self.size}"


class Reader:
    """A file that ends after so many bytes. `fileno` lets the web server send it by itself."""

    def __init__(self, file: BinaryIO, length: int) -> None:
        self._file, self._left = file, length

    def read(self, size: int) -> bytes:
        """Up to `size` bytes; none at the end."""
        chunk = self._file.read(min(size, self._left))
        self._left -= len(chunk)
        return chunk

    def fileno(self) -> int:
        """Where the system reads from; a body that comes from elsewhere has none."""
        return self._file.fileno()

    def close(self) -> None:
        """Nothing more is read."""
        self._file.close()
