"""Bodies in a folder for each region."""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from itertools import dropwhile, islice
from pathlib import Path
from typing import BinaryIO

from django.core.files.storage import FileSystemStorage

from .arrival import Arrival
from .blob_names import BlobName, Lying, parse_day


class ObjectFolder(FileSystemStorage):
    """A folder that can forget many names at once. Names are our own, so no path is checked."""

    def check(self) -> None:
        """Nothing can be wrong yet: it is made with its first body."""

    def _save(self, name: str, content: Arrival) -> str:
        """On the disk before anyone says so. A purge may unlink the file while it is written."""
        with _made(Path(self.path(name))) as file:
            for chunk in content.chunks():
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        return name

    def read_from(self, name: str, start: int, length: int) -> BinaryIO:
        """The bytes from `start` on, at least `length`; FileNotFoundError when they are gone."""
        file = open(f"{self.base_location}/{name}", "rb")  # noqa: SIM115
        file.seek(start)
        return file

    def delete_many(self, names: Iterable[str]) -> None:
        """Forget these; what is gone already is no error."""
        for name in names:
            with suppress(FileNotFoundError):
                os.unlink(f"{self.base_location}/{name}")

    def delete_day(self, day: date) -> Iterator[None]:
        """Forget everything of a day, server by server, so that a long work is seen to go on."""
        folder = f"{self.base_location}/{day:%Y-%m-%d}"
        with suppress(FileNotFoundError):
            for entry in os.scandir(folder):
                shutil.rmtree(entry.path, ignore_errors=True)
                yield
            shutil.rmtree(folder, ignore_errors=True)

    def days(self) -> list[date]:
        """The days of which something lies here, oldest first."""
        return [day for name in _listed(self.base_location) if (day := parse_day(name))]

    def listed(self, day: date, after: str, most: int) -> list[Lying]:
        """The first of a day's bodies after this name, in the order of names."""
        later = dropwhile(lambda name: str(name) <= after, self._names(day))
        found = (self._lying(name) for name in later)
        return list(islice(filter(None, found), most))

    def forget_unfinished(self, before: datetime) -> None:
        """A body that is not whole is a file like any other: a stray, once its row is gone. What
        a purge leaves behind are empty folders."""
        for day in self.days():
            folder = f"{self.base_location}/{day:%Y-%m-%d}"
            for server in _listed(folder):
                _remove_empty(f"{folder}/{server}", before)
            _remove_empty(folder, before)

    def _names(self, day: date) -> Iterator[BlobName]:
        folder = f"{self.base_location}/{day:%Y-%m-%d}"
        for server in _listed(folder):
            for each in _listed(f"{folder}/{server}"):
                if name := BlobName.parse(f"{day:%Y-%m-%d}/{server}/{each}"):
                    yield name

    def _lying(self, name: BlobName) -> Lying | None:
        with suppress(FileNotFoundError):  # deleted since it was listed
            written_at = os.stat(f"{self.base_location}/{name}").st_mtime
            return Lying(name, datetime.fromtimestamp(written_at, UTC))
        return None


def _made(path: Path) -> BinaryIO:
    """A new file. Its folder may be removed as an empty one between two steps: then once more."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return open(path, "xb", opener=_private)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        return open(path, "xb", opener=_private)


def _listed(folder: str | os.PathLike[str]) -> list[str]:
    with suppress(FileNotFoundError, NotADirectoryError):
        return sorted(os.listdir(folder))
    return []


def _remove_empty(folder: str, before: datetime) -> None:
    """Unless something lies there, or did lately."""
    with suppress(OSError):  # not empty, gone, or no folder
        if os.stat(folder).st_mtime < before.timestamp():
            os.rmdir(folder)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
