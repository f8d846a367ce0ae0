"""Where people ask to join, and ask how their request fares.

What must never happen: the answer, or the time it takes, tells whether a Server ID exists, is
suspended, full or closed, or whether the asker is a member or blocked. What prevents it: the desk
is blind. Every question is asked whatever the answers so far, for a server that does not exist
under a scope where nothing is found; every request is sealed and written, and taken back if it is
not welcome; its key is read anew, though it may be remembered; and every call ends in a commit that
waits for the disk.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.db import connection, transaction

from enigm_command.lib import vault
from servers.models import PolicyVersion, Server, Standing

from . import compare, handles, replay
from .access import address
from .models import Block, JoinRequest, Membership
from .tokens import AppToken


class Status(StrEnum):
    """All that whoever asked may know."""

    WAITING = "waiting"
    APPROVED = "approved"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Wish:
    """What the app sends along: a secret of its own making, and what the person typed."""

    secret: bytes
    display_name: str
    note: str


def receive(token: AppToken, typed: str, wish: Wish) -> None:
    """Put a request to join into the server's queue, or drop it; from outside both are the same."""
    locator = address(typed)
    replay.begin(token.name, f"{locator} {wish.secret.hex()}")
    with transaction.atomic():
        _one_at_a_time(locator)
        server = Server.objects.ready().filter(locator=locator, standing=Standing.ACTIVE).first()
        join_request = _written(token, locator, server, wish)
        _write(join_request, keep=_is_welcome(join_request))
        _commit_like_any_other()


def status(token: AppToken, secret: bytes) -> Status:
    """How the request with this secret fares. What is not known here is waiting, like any other."""
    waits = JoinRequest.objects.waiting().filter(secret_hash=_hash(secret)).exists()
    join_request = _own(token, secret)  # read second: an answer in between reads as waiting
    if waits or join_request is None:
        return Status.WAITING
    approved = join_request.decision == JoinRequest.Decision.APPROVED
    return Status.APPROVED if approved else Status.ENDED


def withdraw(token: AppToken, secret: bytes) -> None:
    """Take back one's own undecided request: nothing of it is kept."""
    if join_request := _own(token, secret):
        JoinRequest.objects.filter(pk=join_request.pk, decision="").delete()


def _one_at_a_time(locator: str) -> None:
    """Two calls about one Server ID wait for each other: the cap of the queue holds exactly."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [locator])


def _written(token: AppToken, locator: str, server: Server | None, wish: Wish) -> JoinRequest:
    """The code is of the Server ID that was asked with: the app knows no other, come what may."""
    scope = server.pk if server else vault.PLATFORM
    vault.reopen(scope)
    return JoinRequest(
        server_id=scope,
        handle=handles.member_handle(scope, token.subject),
        secret_hash=_hash(wish.secret),
        display_name=wish.display_name,
        note=wish.note,
        compare_code=compare.code(token.fingerprint, locator),
    )


def _is_welcome(join_request: JoinRequest) -> bool:
    server_id, handle = join_request.server_id, join_request.handle
    queue = JoinRequest.objects.of(server_id)
    queue.overdue().filter(handle=handle).delete()
    policy = PolicyVersion.objects.filter(server=server_id).order_by("-number").first()
    waiting = queue.waiting().count()
    is_member = Membership.objects.of(server_id).filter(handle=handle).exists()
    is_blocked = Block.objects.of(server_id).holding(handle).exists()
    again_after = policy.ask_again_after if policy else timedelta(0)
    is_too_soon = queue.rejected(handle, within=again_after).exists()
    if policy is None or is_member or is_blocked or is_too_soon:
        return False
    return policy.joins_open and waiting < policy.queue_cap


def _write(join_request: JoinRequest, *, keep: bool) -> None:
    """One open request for each person: another one of theirs changes nothing."""
    with transaction.atomic():
        JoinRequest.objects.bulk_create([join_request], ignore_conflicts=True)
        transaction.set_rollback(not keep)


def _commit_like_any_other() -> None:
    """A commit that wrote nothing would return at once: so each one writes to the database log."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_logical_emit_message(true, 'join desk', '')")


def _own(token: AppToken, secret: bytes) -> JoinRequest | None:
    """The request with this secret, if it is the bearer's: a secret alone is not enough."""
    join_request = JoinRequest.objects.filter(secret_hash=_hash(secret)).first()
    if join_request is None:
        return None
    try:
        handle = handles.member_handle(join_request.server_id, token.subject)
    except vault.Unreadable:
        return None
    return join_request if handle == join_request.handle else None


def _hash(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()
