"""Where bytes lie that are too large for their row, or must not lie in the database's region.

A name is `<day it expires on>/<server>/<object>`: a day that is past goes with everything under it,
strays included. The S3 twin of `ObjectFolder` deletes by DeleteObjects, 1,000 names a call.
"""

import os
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, storages

from servers.models import Server
from servers.regions import Region, storage_alias

from .arrival import Arrival
from .models.objects import INLINE_LIMIT


class BlobName(NamedTuple):
    """What names the bytes of one object; the order of an object's primary key."""

    expires_on: date
    server_id: UUID
    object_id: UUID

    def __str__(self) -> str:
        return f"{self.expires_on:%Y-%m-%d}/{self.server_id}/{self.object_id}"


class ObjectFolder(FileSystemStorage):
    """A folder that can forget many names at once. Names are our own, so no path is checked."""

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


def is_inline(size: int, region: str) -> bool:
    """May a body lie in its row? Only a small one, and only in the database's own region."""
    return size <= INLINE_LIMIT and settings.DATABASE_REGION in ("*", region)


def keep(name: BlobName, arrival: Arrival) -> None:
    """Put down a body in its server's region, under exactly this name."""
    storage_of(name.server_id).save(str(name), arrival)  # type: ignore[arg-type]


def open_body(name: BlobName) -> File:
    """The bytes that were put down; FileNotFoundError when they are gone."""
    return storage_of(name.server_id).open(str(name))


def storage_of(server_id: UUID) -> ObjectFolder:
    """The storage of the server's region."""
    return storages[storage_alias(_region_of(server_id))]  # type: ignore[return-value]


def delete_many(names: Iterable[BlobName]) -> None:
    """Forget the bytes of many objects, each in its own region."""
    by_server = defaultdict(list)
    for name in names:
        by_server[name.server_id].append(str(name))
    for server_id, ours in by_server.items():
        storage_of(server_id).delete_many(ours)


def delete_day(day: date) -> Iterator[None]:
    """Forget everything of a day in every region."""
    for region in Region.values:
        yield from storages[storage_alias(region)].delete_day(day)  # type: ignore[attr-defined]


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


@lru_cache(maxsize=10_000)
def _region_of(server_id: UUID) -> str:
    """A server never changes its region, so it is asked once."""
    return Server.objects.values_list("region", flat=True).get(pk=server_id)
