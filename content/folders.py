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
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "xb", opener=_private) as file:
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
        """A body that is not whole is a file like any other: a stray, once its row is gone."""

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


def _listed(folder: str | os.PathLike[str]) -> list[str]:
    with suppress(FileNotFoundError, NotADirectoryError):
        return sorted(os.listdir(folder))
    return []


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
