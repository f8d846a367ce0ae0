"""What devices store, as tests need it: sealed by a real age implementation."""

import io
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pyrage

from content import blobs, intake
from content.arrival import Arrival
from content.models import EncryptedObject
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


def available(access: Access) -> set[UUID]:
    """What this member's devices could fetch now."""
    return set(EncryptedObject.objects.available(access).values_list("id", flat=True))


def in_storage(server: Server) -> int:
    """How many rows lie in the database, whoever may see them."""
    return EncryptedObject.objects.filter(server_id=server.pk).count()


def files_of(server: Server) -> list[Path]:
    """The bodies that lie in the region's storage."""
    folder = Path(blobs.storage_of(server.pk).base_location)
    return sorted(folder.glob(f"*/{server.pk}/*"))
