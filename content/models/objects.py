"""Encrypted objects: what a server holds, and which of it devices may fetch."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self
from uuid import UUID

from django.db import models
from django.db.models import Count, F, Q, Subquery, Sum
from django.db.models.functions import Least, Now

from content.lifetimes import GRAIN, LONGEST
from content.object_ids import parse_public_id, public_id
from content.scope import ANYONE, Kind, Scope
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
        alive = self.alive(access.server.pk, access.policy, moment)
        return alive.not_withheld(access.server.pk, moment)

    def alive(self, server_id: UUID, policy: "PolicyVersion", at: Any = None) -> Self:
        """What is neither over nor deleted under this version of the policy, withheld or not."""
        return self._lit(server_id, policy, at).filter(state=State.READY)

    def missing(self, access: "Access") -> Self:
        """What this device could fetch, had the storage not lost its bytes."""
        lost = self._lit(access.server.pk, access.policy).filter(state=State.LOST)
        return lost.not_withheld(access.server.pk, Now())

    def _lit(self, server_id: UUID, policy: "PolicyVersion", at: Any = None) -> Self:
        """What nothing has put in the dark."""
        moment = at or Now()
        floor = Subquery(Gate.objects.filter(pk=server_id).values("floor"))
        return self.filter(
            ~darkening(),
            _within_policy(policy, moment),
            server_id=server_id,
            expires_at__gt=moment,
            expires_on__gte=_utc_day(moment),
            effective_at__gt=floor,
            received_at__gt=floor,  # implied, and the index is on it
        )

    def not_withheld(self, server_id: UUID, at: Any) -> Self:
        """Without what is withheld at this moment, which is asked at once, in a query of its own.

        There are few withholdings, mostly none. As subqueries they would be planned again for each
        day's partition: a list of 50 took 1.5 times as long whether anything was withheld or not.
        """
        left = self
        withheld = Withholding.objects.of(server_id).in_force(at).authors_by_kind()
        for kind, authors in withheld.items():
            of_kind = Q(kind=kind) if kind else Q()
            theirs = Q() if ANYONE in authors else Q(author__in=authors)
            left = left.exclude(of_kind & theirs) if of_kind & theirs else left.none()
        return left

    def outlived(self, policy: "PolicyVersion") -> Self:
        """What is older by now than this version of the policy lets it become."""
        return self.filter(~_within_policy(policy, Now()))

    def covered(self, server_id: UUID, scope: Scope, cutoff_at: datetime) -> Self:
        """What an order of this scope takes away, uploads that have not yet ended among it."""
        reached = self.filter(server_id=server_id, **scope.as_filters())
        return reached if scope.is_one_object else reached.filter(effective_at__lte=cutoff_at)

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


def _within_policy(policy: "PolicyVersion", moment: Any) -> Q:
    """The lifetime in force is a moving age limit: stored times never change."""
    young = [Q(kind=kind, effective_at__gt=moment - policy.lifetime_of(kind)) for kind in Kind]
    return reduce(or_, young)


def _utc_day(moment: Any) -> Any:
    """The day of a moment in the form that lets PostgreSQL skip partitions."""
    return moment.astimezone(UTC).date() if isinstance(moment, datetime) else UtcDay(moment)
