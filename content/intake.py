"""How devices store objects. Nothing here is an act of power, and nothing here is logged.

What must never happen: an object that an order covers is stored after it; bytes lie in storage
that no row names; a slow upload keeps an order waiting. What prevents it: whoever writes a row
passes the server's gate, shared, until commit, and an order passes it alone; clock, membership,
standing, policy and cutoffs are read behind the gate. Bytes that do not fit in their row are
streamed between two such passages, under no lock: the first leaves a pending row, which orders
purge like any other; the second makes it ready or finds it gone.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet

from enigm_command.lib import clock
from enigm_command.lib.problems import Problem
from enigm_command.lib.wording import binary_size
from membership.access import Access

from . import blobs
from .arrival import Arrival
from .lifetimes import Lifetime
from .models import DeletionOrder, EncryptedObject, Gate, IntakeKey, ObjectCount, State
from .models.cutoffs import is_dark

Admit = Callable[[], Access]


class AlreadyDeleted(Problem):
    """What is offered was deleted: it is not taken in again. `order` is the number of the newest
    order that reaches it; None when its author did it, or a policy that was once shorter."""

    def __init__(self, order: int | None) -> None:
        by = f" by order D-{order}" if order else ""
        more = {"order": order} if order else {}
        super().__init__(410, "already_deleted", f"This object was deleted{by}.", more=more)


class AlreadyExpired(Problem):
    """What is offered is as old as it may become."""

    def __init__(self) -> None:
        super().__init__(410, "already_expired", "This object's time is over.")


class BytesMissing(Problem):
    """What came with this key was not deleted: storage lost it. It may come anew, dated as before,
    under a key of its own, since what the first one names may be found again."""

    def __init__(self) -> None:
        detail = "The server has lost the bytes that came with this key. Send them with a new one."
        super().__init__(409, "bytes_missing", detail)


class NoRoom(Problem):
    """The server holds as much as it may. Nobody knows when that ends: time alone makes room."""

    def __init__(self) -> None:
        detail = "The server's storage is full. There is room again when something has expired."
        super().__init__(507, "no_room", detail, headers={"Retry-After": "3600"})


class TooLarge(Problem):
    """What is offered has more bytes than an object may have here."""

    def __init__(self, most: int) -> None:
        detail = f"An object has at most {binary_size(most)} here."
        super().__init__(413, "too_large", detail)


class NotByPolicy(Problem):
    """The server's policy is to take in no objects of this kind."""

    def __init__(self) -> None:
        super().__init__(403, "not_by_policy", "The server takes in no objects of this kind.")


class Lapsed(Problem):
    """The upload took so long that its place was given up."""

    def __init__(self) -> None:
        super().__init__(408, "upload_lapsed", "The upload took too long. It may be sent again.")


class _StoredMeanwhile(Exception):
    """Another request with the same key was quicker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a device says of an object. `lasting` is what the conversation allows."""

    kind: str
    authored_at: datetime
    lasting: timedelta
    key: UUID | None = None


def store(
    offer: Offer, arrival: Arrival, admit: Admit, access: Access | None = None
) -> tuple[EncryptedObject, bool]:
    """Take one object in, or find it by its key; True if it is new.

    `admit` says what the bearer may rely on, or refuses. It is asked again behind the gate if
    anything changed. `access` is what it said just now, if it was asked before.
    """
    upload = _Upload(offer, arrival, admit, access or admit())
    if earlier := upload.stored_before():
        return earlier, False
    arrival.check_envelope()
    try:
        return upload.store(), True
    except _StoredMeanwhile:
        return store(offer, arrival, admit)


@dataclass(frozen=True, slots=True)
class _Upload:
    """One object on its way in. `access` is as of the beginning: good for what cannot change."""

    offer: Offer
    arrival: Arrival
    admit: Admit
    access: Access

    def stored_before(self) -> EncryptedObject | None:
        """What the same author stored with the same key; a Problem if that is gone."""
        if self.offer.key is None:
            return None
        key = IntakeKey.objects.spent(self.access.server.pk, self.access.handle, self.offer.key)
        if key is None:
            return None
        pk = (key.expires_on, key.server_id, key.object_id)
        found = self._kept().defer("body").filter(pk=pk).first()
        if found is None:
            raise BytesMissing if self._is_lost(pk) else self._gone(key)
        return found

    def _is_lost(self, pk: tuple[date, UUID, UUID]) -> bool:
        server_id, policy = self.access.server.pk, self.access.policy
        return EncryptedObject.objects.lost(server_id, policy).filter(pk=pk).exists()

    def _gone(self, key: IntakeKey) -> Problem:
        """Why what was stored with this key is there no more."""
        lifetime = Lifetime.of(self.offer.authored_at, key.spent_at, self._lasting(self.access))
        if lifetime.expires_at <= clock.now():
            return AlreadyExpired()
        row = EncryptedObject(server_id=key.server_id, id=key.object_id, author=key.author)
        row.kind = self.offer.kind
        return _deleted(row, lifetime.told_at)

    def _kept(self) -> QuerySet[EncryptedObject]:
        """What is withheld is kept all the same: a device that sends it again need not."""
        return EncryptedObject.objects.alive(self.access.server.pk, self.access.policy)

    def store(self) -> EncryptedObject:
        """The object, ready, by the way that its size and region allow."""
        inline = blobs.is_inline(self.arrival.size, self.access.server.region)
        return self._store_inline() if inline else self._store_apart()

    def _store_inline(self) -> EncryptedObject:
        """All bytes first, then one passage."""
        body = b"".join(self.arrival.chunks())
        with transaction.atomic():
            stored = self._new_row()
            stored.body, stored.sha256, stored.state = body, self.arrival.sha256, State.READY
            stored.save(force_insert=True)
            self._spend_key(stored)
        return stored

    def _store_apart(self) -> EncryptedObject:
        """One passage, the bytes, another passage. Whatever goes wrong between takes them back."""
        with transaction.atomic():
            pending = self._new_row()
            pending.save(force_insert=True)
        try:
            blobs.keep(blobs.BlobName(*pending.pk), self.arrival)
            return self._complete(pending)
        except BaseException:
            with suppress(OSError):  # else a sweep does, once the storage is back
                _take_back(pending)
            raise

    def _new_row(self) -> EncryptedObject:
        gate, access = self._pass_gate()
        self._require_room(gate)
        lasting = self._lasting(access)
        row = EncryptedObject(
            server_id=gate.pk,
            id=uuid4(),
            author=access.handle,
            kind=self.offer.kind,
            size=self.arrival.size,
        )
        return _dated(row, gate, Lifetime.of(self.offer.authored_at, gate.clock, lasting))

    def _lasting(self, access: Access) -> timedelta:
        """How long it lives: what the conversation allows, within what the policy does."""
        return min(self.offer.lasting, access.policy.lifetime_of(self.offer.kind))

    def _complete(self, pending: EncryptedObject) -> EncryptedObject:
        """Ready as of now; when it is over was decided at the beginning."""
        with transaction.atomic():
            gate, _ = self._pass_gate()
            lasting = pending.expires_at - pending.authored_at
            came_at = max(gate.clock, pending.received_at)
            told_at = min(self.offer.authored_at, pending.received_at)
            ready = _dated(pending, gate, Lifetime.of(told_at, came_at, lasting))
            ready.sha256, ready.state = self.arrival.sha256, State.READY
            changed = ("received_at", "effective_at", "sha256", "state")
            waiting = EncryptedObject.objects.filter(pk=ready.pk, state=State.PENDING)
            if not waiting.update(**{name: getattr(ready, name) for name in changed}):
                raise Lapsed
            self._spend_key(ready)
        return ready

    def _pass_gate(self) -> tuple[Gate, Access]:
        """From here to commit no order can be placed; everything is asked again, and as little as
        can be: an order waits for it."""
        gate = Gate.objects.enter(self.access.server.pk, stands=self.access.still_stands())
        access = self.access if gate.stands else self.admit()
        if not access.policy.allows(self.offer.kind):
            raise NotByPolicy
        if self.arrival.size > access.policy.largest_object:
            raise TooLarge(access.policy.largest_object)
        return gate, access

    def _require_room(self, gate: Gate) -> None:
        """As last counted, so a little more may come in. A pending row has its place already."""
        if gate.room_bytes is None:
            return
        if ObjectCount.objects.of(gate.pk).held() + self.arrival.size > gate.room_bytes:
            raise NoRoom

    def _spend_key(self, stored: EncryptedObject) -> None:
        if self.offer.key is None:
            return
        key = IntakeKey(
            server_id=stored.server_id,
            author=stored.author,
            key=self.offer.key,
            expires_on=stored.expires_on,
            object_id=stored.id,
        )
        if not IntakeKey.objects.spend(key):
            raise _StoredMeanwhile


def _dated(row: EncryptedObject, gate: Gate, lifetime: Lifetime) -> EncryptedObject:
    """Give the row its times, unless they show that it is over or that it was deleted."""
    if lifetime.is_over:
        raise AlreadyExpired
    for name in ("authored_at", "received_at", "effective_at", "expires_at", "expires_on"):
        setattr(row, name, getattr(lifetime, name))
    if lifetime.told_at <= gate.floor or is_dark(row, lifetime.told_at):
        raise _deleted(row, lifetime.told_at)
    return row


def _deleted(row: EncryptedObject, told_at: datetime) -> AlreadyDeleted:
    return AlreadyDeleted(DeletionOrder.objects.reaching(row, told_at).newest_number())


def _take_back(pending: EncryptedObject) -> None:
    """Bytes before the row, and neither if it did become ready after all."""
    with transaction.atomic():
        row = EncryptedObject.objects.select_for_update().filter(pk=pending.pk).first()
        if row is None or row.state == State.PENDING:
            blobs.delete_many([blobs.BlobName(*pending.pk)])
            EncryptedObject.objects.filter(pk=pending.pk).delete()
