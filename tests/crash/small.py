"""A small server with something of everything, and what a worker does with it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from audit import checkpoint
from content import blobs
from content.actions import order_deletion, remove_member
from content.lifetimes import Lifetime
from content.models import DeletionOrder, EncryptedObject, Receipt, State
from content.removal import Removal, Sent
from content.scope import EVERYTHING, Kind
from enigm_command.lib import clock
from enigm_command.lib.models import DataKey
from lifecycle.actions import order_server_deletion
from lifecycle.models import ServerDeletion, ServerReceipt
from membership.handles import member_handle
from membership.models import JoinRequest, Membership
from servers.edge import authority_of
from servers.models import Administrator, Server, Standing
from tests.factories import JoinRequestFactory, PolicyVersionFactory, ServerFactory
from tests.objects import LARGE, arriving, files_of, in_storage, member_of, sealed, store
from tests.support import actions_of, events_of

OBJECTS, OF_UMA, BODIES_OF_UMA = 7, 5, 3


@dataclass(frozen=True)
class Work:
    """What a worker carries through: how it begins, which sweep rings again, when it is over.

    `at_once`: on so many servers together, so that one kill is as many deaths. One more than there
    are deaths to die spares a second round.
    """

    name: str
    sweep: str
    at_once: int
    begin: Callable[[Server], object]
    is_over: Callable[[Server], bool]
    check: Callable[[Server], None]

    def __str__(self) -> str:
        return self.name


def populated() -> Server:
    """Two members and one who waits; small and large objects, and an upload that did not end."""
    server = ServerFactory()
    PolicyVersionFactory(server=server, deletion_delay=timedelta(0))
    JoinRequestFactory(server=server)
    uma, ines = member_of(server), member_of(server, "ines")
    for access in (uma, uma, ines):
        store(access)
    for access in (uma, uma, ines):
        store(access, sealed(size=LARGE))
    unended_upload(server)
    return server


def unended_upload(server: Server) -> None:
    """A row without its end, and bytes that it names."""
    now, body = clock.now(), sealed(size=LARGE)
    row = object_of(server, Lifetime.of(now, now, timedelta(days=30)), state=State.PENDING)
    row.save(force_insert=True)
    blobs.keep(blobs.BlobName(*row.pk), arriving(body))


def object_of(server: Server, times: Lifetime, **changes: object) -> EncryptedObject:
    """One of Uma's, not saved."""
    return EncryptedObject(
        **{
            "server_id": server.pk,
            "id": uuid4(),
            "author": member_handle(server.pk, "uma"),
            "kind": Kind.MEDIA,
            "size": LARGE,
            "expires_on": times.expires_on,
            **vars_of(times),
            **changes,
        }
    )


def vars_of(times: Lifetime) -> dict[str, object]:
    """The four times as columns."""
    return {
        name: getattr(times, name)
        for name in ("authored_at", "received_at", "effective_at", "expires_at")
    }


# --- deleting a whole server ----------------------------------------------------------------------
def delete_server(server: Server) -> None:
    order_server_deletion(server, by=owner_of(server))


def log_is_closed(server: Server) -> bool:
    return ServerDeletion.objects.filter(server=server, log_closed_at__isnull=False).exists()


def check_server(server: Server) -> None:
    """Gone, counted, told once, and signed to its last entry."""
    deletion = ServerDeletion.objects.get(server=server)
    receipt = ServerReceipt.objects.get(pk=deletion.pk)
    assert Server.objects.get(pk=server.pk).standing == Standing.DELETED
    assert receipt.said["content"]["objects"] == OBJECTS
    assert (deletion.members_closed, deletion.join_requests_closed) == (2, 1)
    for table in (Membership, JoinRequest):
        assert not table.objects.filter(server=server).exists()
    assert not DataKey.objects.filter(pk=server.pk).exists()
    assert (in_storage(server), files_of(server)) == (0, [])
    assert actions_of(server) == [
        "server.deletion_ordered",
        "deletion.ordered",
        "deletion.completed",
        "audit.erased",
        "server.deleted",
    ]
    assert events_of(server)[-1].data["receipt"] == receipt.digest
    assert checkpoint.last_signed(server.pk).size == 5


# --- deletion orders ------------------------------------------------------------------------------
def order_everything(server: Server) -> None:
    order_deletion(server, EVERYTHING, order_id=uuid4(), by=owner_of(server))


def order_is_finished(server: Server) -> bool:
    return DeletionOrder.objects.get(server_id=server.pk).is_finished


def check_order(server: Server) -> None:
    """All counted once, none left."""
    assert removed_by_order(server) == OBJECTS
    assert (in_storage(server), files_of(server)) == (0, [])
    assert actions_of(server) == ["deletion.ordered", "deletion.completed"]


def remove_uma(server: Server) -> None:
    uma = Membership.objects.get(server=server, handle=member_handle(server.pk, "uma"))
    remove_member(uma, Removal(sent=Sent.DELETE), by=owner_of(server))


def check_removal(server: Server) -> None:
    """Uma's counted once and gone; what Ines sent is all there."""
    assert removed_by_order(server) == OF_UMA
    left = EncryptedObject.objects.filter(server_id=server.pk)
    assert {each.author for each in left} == {member_handle(server.pk, "ines")}
    assert (len(left), len(files_of(server))) == (OBJECTS - OF_UMA, 1)
    assert actions_of(server) == ["member.removed", "deletion.completed"]


def removed_by_order(server: Server) -> int:
    """As its receipt says it."""
    order = DeletionOrder.objects.get(server_id=server.pk)
    removed: int = Receipt.objects.get(pk=order.pk).said["removed"]["objects"]
    assert events_of(server)[-1].data["removed"] == removed == order.purged
    return removed


# --- expiry ---------------------------------------------------------------------------------------
def expire(server: Server) -> None:
    """Two small ones and two large ones whose time is over, beside those that live on."""
    for body in (b"sealed", b"sealed", None, None):
        now = clock.now()
        times = Lifetime.of(now - timedelta(seconds=3), now, timedelta(seconds=1))
        row = object_of(server, times, body=body, size=6 if body else LARGE, state=State.READY)
        row.save(force_insert=True)
        if body is None:
            blobs.keep(blobs.BlobName(*row.pk), arriving(sealed(size=LARGE)))


def only_the_living_are_left(server: Server) -> bool:
    return in_storage(server) == OBJECTS


def check_expiry(server: Server) -> None:
    """What lives on has its bytes, and nothing else lies there."""
    bodies = EncryptedObject.objects.filter(server_id=server.pk, body=None)
    assert sorted(each.name for each in files_of(server)) == sorted(str(b.id) for b in bodies)
    assert actions_of(server) == []


def owner_of(server: Server) -> object:
    owner = Administrator.objects.get(server=server, account=server.owner)
    return authority_of(owner, server.owner.username)


WORKS = (
    Work("server deletion", "lifecycle.deletions", 16, delete_server, log_is_closed, check_server),
    Work("order", "content.purges", 10, order_everything, order_is_finished, check_order),
    Work("removal", "content.purges", 10, remove_uma, order_is_finished, check_removal),
    Work(
        "expiry", "content.expire", 1, expire, only_the_living_are_left, check_expiry
    ),  # one does all
)
