"""Where bytes lie that are too large for their row, or must not lie in the database's region.

A name begins with the day it expires on: a day that is past goes with everything under it, strays
included. Each region has a storage of its own, a folder or a bucket, and what a server stores goes
to its region's alone.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import lru_cache
from typing import BinaryIO, Protocol, cast
from uuid import UUID

from django.conf import settings
from django.core.files.storage import storages

from enigm_command.lib.problems import Problem
from servers.models import Server
from servers.regions import Region, storage_alias

from .arrival import Arrival
from .blob_names import BlobName, Lying
from .models.objects import INLINE_LIMIT

__all__ = ["BlobName", "Lying"]

log = logging.getLogger(__name__)


class StorageAway(Problem):
    """The storage of a region took no body, or gave none out."""

    def __init__(self) -> None:
        super().__init__(
            503,
            "storage_unavailable",
            "The server's storage does not answer. Try again in a moment.",
            headers={"Retry-After": "30"},
        )


class ObjectStorage(Protocol):
    """What the storage of a region can do: `folders.ObjectFolder` or `buckets.ObjectBucket`.

    Where it cannot, because the disk or the bucket is away, full or closed, it raises OSError.
    Names are texts of `BlobName`; a storage touches nothing that has another form, but for
    `delete_day`.
    """

    save: Callable[[str, Arrival], str]

    def check(self) -> None: ...
    def read_from(self, name: str, start: int, length: int) -> BinaryIO: ...
    def exists(self, name: str) -> bool: ...
    def delete_many(self, names: Iterable[str]) -> None: ...
    def delete_day(self, day: date) -> Iterator[None]: ...
    def days(self) -> list[date]: ...
    def listed(self, day: date, after: str, most: int) -> list[Lying]: ...
    def forget_unfinished(self, before: datetime) -> None: ...


def is_inline(size: int, region: str) -> bool:
    """May a body lie in its row? Only a small one, and only in the database's own region."""
    return size <= INLINE_LIMIT and settings.DATABASE_REGION in ("*", region)


def check() -> None:
    """ImproperlyConfigured if a region's storage can never work as it is set up."""
    for region in Region.values:
        storage_in(region).check()


def keep(name: BlobName, arrival: Arrival) -> None:
    """Put down a body in its server's region, under exactly this name, or StorageAway."""
    with _noted("keep"):
        storage_of(name.server_id).save(str(name), arrival)


def open_body(name: BlobName, start: int, length: int) -> BinaryIO:
    """Reads from `start` on, `length` bytes at least; FileNotFoundError when they are gone."""
    with _noted("give out", FileNotFoundError):
        return storage_of(name.server_id).read_from(str(name), start, length)


def storage_of(server_id: UUID) -> ObjectStorage:
    """The storage of the server's region."""
    return storage_in(_region_of(server_id))


def storage_in(region: str) -> ObjectStorage:
    """The storage of one region."""
    return cast(ObjectStorage, storages[storage_alias(region)])


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
        yield from storage_in(region).delete_day(day)


@contextmanager
def _noted(wish: str, *known: type[OSError]) -> Iterator[None]:
    """What the storage could not do is for the log and its operators; the device may try again."""
    try:
        yield
    except known:
        raise
    except OSError as error:
        log.error("storage did not %s a body: %s", wish, type(error).__name__)
        raise StorageAway from error


@lru_cache(maxsize=10_000)
def _region_of(server_id: UUID) -> str:
    """A server never changes its region, so it is asked once."""
    return Server.objects.values_list("region", flat=True).get(pk=server_id)
