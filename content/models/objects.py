"""Encrypted objects: what a server holds, and which of it devices may fetch."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self
from uuid import UUID

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Least, Now

from content.lifetimes import GRAIN, LONGEST
from content.object_ids import parse_public_id, public_id
from content.scope import Kind, Scope
from enigm_command.lib.clock import UtcDay

from .cutoffs import darkening
from .gate import Gate
from .withholdings import Withholding

if TYPE_CHECKING:
    from membership.access import Access
    from servers.models import PolicyVersion

INLINE_LIMIT = 16 * 1024


class KindCount(NamedTuple):
    """How much of one kind there is."""

    kind: str
    objects: int
    bytes: int

    @property
    def label(self) -> str:
        """The kind in words."""
        return str(Kind(self.kind).label)


class EncryptedObjectQuerySet(models.QuerySet["EncryptedObject"]):
    def available(self, access: "Access", at: datetime | None = None) -> Self:
        """What this device may fetch, by the database's clock. No worker need ever have run."""
        moment = at or Now()  # the beginning of this statement
        return self.above_floor(access.server.pk, moment).filter(is_available(access, moment))

    def alive(self, server_id: UUID, policy: "PolicyVersion", at: Any = None) -> Self:
        """What is neither over nor deleted under this version of the policy, withheld or not."""
        moment = at or Now()
        return self.above_floor(server_id, moment).filter(_is_alive(server_id, policy, moment))

    def lost(self, server_id: UUID, policy: "PolicyVersion") -> Self:
        """What would be alive under this version of the policy, had storage not lost its bytes."""
        lost = _is_alive(server_id, policy, Now(), State.LOST)
        return self.above_floor(server_id, Now()).filter(lost)

    def missing(self, access: "Access") -> Self:
        """What this device could fetch, had the storage not lost its bytes."""
        lost = is_available(access, Now(), State.LOST)
        return self.above_floor(access.server.pk, Now()).filter(lost)

    def above_floor(self, server_id: UUID, at: Any) -> Self:
        """All among which anything can be available, by what indexes and partitions tell alone."""
        return self.filter(
            server_id=server_id, expires_on__gte=_utc_day(at), received_at__gt=_floor_of(server_id)
        )

    def outlived(self, policy: "PolicyVersion") -> Self:
        """What is older by now than this version of the policy lets it become."""
        return self.filter(~_within_policy(policy, Now()))

    def covered(self, server_id: UUID, scope: Scope, cutoff_at: datetime) -> Self:
        """What an order of this scope takes away, uploads that have not yet ended among it."""
        reached = self.filter(server_id=server_id, **scope.as_filters())
        if scope.is_one_object:
            return reached
        last_day = _utc_day(cutoff_at + LONGEST)  # by the checks below; later days are not asked
        return reached.filter(effective_at__lte=cutoff_at, expires_on__lte=last_day)

    def by_public_id(self, server_id: UUID, text: str) -> Self:
        """One object, in one partition; NotAnObjectId if the text cannot be one."""
        expires_on, object_id = parse_public_id(text)
        return self.filter(expires_on=expires_on, server_id=server_id, id=object_id)

    def counted_by_kind(self) -> list[KindCount]:
        """How many objects and bytes of each kind that occurs."""
        groups = self.order_by().values("kind").annotate(objects=Count("id"), bytes=Sum("size"))
        return [KindCount(**group) for group in groups.order_by("kind")]


class State(models.TextChoices):
    """Is the body there? Only what is ready is served. What is lost has a row and no bytes; it is
    ready again if they are found again."""

    PENDING = "pending"
    READY = "ready"
    LOST = "lost"


class EncryptedObject(models.Model):
    """Ciphertext, and the little that must be known to carry it and to end it.

    Partitioned by the day on which it is over. `body` None: the bytes lie in the storage of the
    server's region. A pending row stands for an upload on its way, so that nothing can come to lie
    in storage that no row names.
    """

    pk = models.CompositePrimaryKey("expires_on", "server_id", "id")
    expires_on = models.DateField()
    server_id = models.UUIDField()
    id = models.UUIDField()
    author = models.UUIDField()
    kind = models.CharField(max_length=8, choices=Kind)
    size = models.PositiveIntegerField()
    sha256 = models.BinaryField(default=b"")
    authored_at = models.DateTimeField()
    received_at = models.DateTimeField()
    effective_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.PENDING)
    body = models.BinaryField(null=True)

    objects: ClassVar[EncryptedObjectQuerySet] = EncryptedObjectQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["server_id", "received_at", "id"], name="object_by_arrival"),
            models.Index(fields=["server_id", "author", "received_at"], name="object_by_author"),
            models.Index(fields=["expires_at"], name="object_by_expiry"),
            models.Index(
                fields=["received_at"], condition=Q(state="pending"), name="object_pending"
            ),
            models.Index(fields=["server_id"], condition=Q(state="lost"), name="object_lost"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(expires_at__lte=F("authored_at") + LONGEST),
                name="object_gone_after_30_days",
            ),
            models.CheckConstraint(
                condition=Q(authored_at__lte=F("received_at")), name="object_not_from_the_future"
            ),
            models.CheckConstraint(
                condition=Q(effective_at=Least(F("authored_at") + GRAIN, F("received_at"))),
                name="object_effective_by_two_clocks",
            ),
            models.CheckConstraint(
                condition=Q(expires_on=UtcDay("expires_at")), name="object_in_its_partition"
            ),
            models.CheckConstraint(
                condition=Q(body=None) | Q(size__lte=INLINE_LIMIT, state="ready"),
                name="object_inline_is_small_and_ready",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["message", "media"]), name="object_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "ready", "lost"]), name="object_state_known"
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def public_id(self) -> str:
        return public_id(self.expires_on, self.id)


def totals(counts: Sequence[KindCount]) -> tuple[int, int]:
    """Objects and bytes of all kinds together."""
    return sum(count.objects for count in counts), sum(count.bytes for count in counts)


def is_available(access: "Access", at: Any, state: State = State.READY) -> Q:
    """True for an object of this server that the device may fetch at this moment."""
    here = Withholding.objects.of(OuterRef("server_id")).in_force(at)
    withheld = here.reaching(author=OuterRef("author"), kind=OuterRef("kind"))
    return _is_alive(access.server.pk, access.policy, at, state) & ~Q(Exists(withheld))


def _is_alive(server_id: UUID, policy: "PolicyVersion", at: Any, state: State = State.READY) -> Q:
    in_time = Q(state=state, expires_at__gt=at, effective_at__gt=_floor_of(server_id))
    return in_time & _within_policy(policy, at) & ~darkening()


def _floor_of(server_id: UUID) -> Subquery:
    return Subquery(Gate.objects.filter(pk=server_id).values("floor"))


def _within_policy(policy: "PolicyVersion", moment: Any) -> Q:
    """The lifetime in force is a moving age limit: stored times never change."""
    young = [Q(kind=kind, effective_at__gt=moment - policy.lifetime_of(kind)) for kind in Kind]
    return reduce(or_, young)


def _utc_day(moment: Any) -> Any:
    """The day of a moment in the form that lets PostgreSQL skip partitions."""
    return moment.astimezone(UTC).date() if isinstance(moment, datetime) else UtcDay(moment)
