"""What devices store, as tests need it: sealed by a real age implementation."""

import io
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pyrage
from django.core.files.storage import FileSystemStorage
from django.db import connection

from content import blobs, intake
from content.arrival import Arrival
from content.models import EncryptedObject
from content.partitions import utc_day
from enigm_command.lib import clock
from membership.access import Access, Purpose, admit
from membership.handles import member_handle
from servers.models import Server
from tests.app import app_token
from tests.factories import MembershipFactory

LARGE = 20_000  # bytes of plaintext: too many for a row


@cache
def _recipient() -> Any:
    return pyrage.x25519.Identity.generate().to_public()


def sealed(text: str = "", *, size: int = 0) -> bytes:
    """A body as devices make it."""
    return pyrage.encrypt(text.encode().ljust(size, b"."), [_recipient()])


def member_of(server: Server, subject: str = "uma") -> Access:
    """What a request of this member may rely on; whoever is none becomes one."""
    if not server.memberships.filter(handle=member_handle(server.pk, subject)).exists():
        MembershipFactory(server=server, subject=subject, display_name=subject.title())
    return admit(app_token(subject), server.locator, Purpose.READ)


def offer(**chosen: Any) -> intake.Offer:
    """A message of this moment that may live as long as any, unless the test says otherwise."""
    offered = {"kind": "message", "authored_at": clock.now(), "lasting": timedelta(days=30)}
    return intake.Offer(**offered | chosen)


def arriving(body: bytes) -> Arrival:
    """A body as a request would bring it."""
    return Arrival(io.BytesIO(body), len(body))


def store(access: Access, body: bytes | None = None, **chosen: Any) -> EncryptedObject:
    """One object, stored by this member."""
    stored, _ = intake.store(offer(**chosen), arriving(body or sealed()), lambda: access)
    return stored


def put_back(stored: EncryptedObject, passed: timedelta) -> None:
    """Everything about this object lies so much longer ago, also the day on which it ends."""
    times = ("authored_at", "received_at", "effective_at", "expires_at")
    earlier = {name: getattr(stored, name) - passed for name in times}
    day = utc_day(earlier["expires_at"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT content_make_partition(%s)", [day])
    EncryptedObject.objects.filter(pk=stored.pk).update(**earlier, expires_on=day)


def available(access: Access) -> set[UUID]:
    """What this member's devices could fetch now."""
    return set(EncryptedObject.objects.available(access).values_list("id", flat=True))


def in_storage(server: Server) -> int:
    """How many rows lie in the database, whoever may see them."""
    return EncryptedObject.objects.filter(server_id=server.pk).count()


@dataclass(frozen=True)
class InBucket:
    """A body in a bucket, with what tests ask of a file."""

    storage: Any
    name: str

    def read_bytes(self) -> bytes:
        return self.storage.client.get_object(**self._place)["Body"].read()

    def unlink(self) -> None:
        self.storage.client.delete_object(**self._place)

    def __str__(self) -> str:
        return f"{self.storage.bucket_name}/{self.name}"

    @property
    def _place(self) -> dict[str, str]:
        return {"Bucket": self.storage.bucket_name, "Key": self.name}


def files_of(server: Server, region: str = "") -> list[Any]:
    """The bodies that lie in its region's storage, or in another's: paths, or what is like them."""
    storage: Any = blobs.storage_in(region or server.region)
    if isinstance(storage, FileSystemStorage):
        return sorted(Path(storage.base_location).glob(f"*/{server.pk}/*"))
    answers = storage.client.get_paginator("list_objects_v2").paginate(Bucket=storage.bucket_name)
    names = [each["Key"] for answer in answers for each in answer.get("Contents", [])]
    return [InBucket(storage, name) for name in names if str(server.pk) in name]
