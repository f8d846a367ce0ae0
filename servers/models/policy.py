"""The rules a server sets for itself, version after version, and how far it may go in them."""

from datetime import timedelta
from typing import ClassVar, Self
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.db.models.functions import Now

from servers.models.server import Server

LIMIT = timedelta(days=30)
LARGEST_OBJECT = 2**30  # bytes: as far as any server may go
MESSAGE, MEDIA = "message", "media"


class AlreadyChanged(Exception):
    """Another administrator put a version in force since this one was read."""


class PolicyQuerySet(models.QuerySet["PolicyVersion"]):
    def of(self, server_id: UUID) -> Self:
        """One server's versions, the newest first."""
        return self.filter(server_id=server_id).order_by("-number")

    def in_force(self, server_id: UUID) -> "PolicyVersion":
        """The newest version of a server's policy; every server has a first one."""
        return self.filter(server_id=server_id).latest("number")

    def newest_of_each(self) -> Self:
        """Of each server the newest one among these."""
        return self.order_by("server_id", "-number").distinct("server_id")

    def follow(self, wanted: "PolicyVersion") -> "PolicyVersion":
        """Put a version in force as the next one after that it was made from.

        AlreadyChanged when there is a next one: of two at once, one waits here and loses.
        """
        try:
            with transaction.atomic():
                wanted.save(force_insert=True)
        except IntegrityError as error:
            raise AlreadyChanged from error
        return wanted


class PolicyVersion(models.Model):
    """One version of a server's policy. Versions are only ever added; the newest is in force.

    Lifetimes can be shorter than 30 days and never longer: the constraint is the promise. Who made
    a version stands in the log and nowhere else.
    """

    server = models.ForeignKey(Server, on_delete=models.PROTECT, related_name="policy_versions")
    number = models.PositiveIntegerField()
    message_lifetime = models.DurationField(default=LIMIT)
    media_lifetime = models.DurationField(default=LIMIT)
    media_allowed = models.BooleanField(default=True)
    largest_object = models.PositiveIntegerField(default=64 * 2**20)  # bytes
    joins_open = models.BooleanField(default=True)
    queue_cap = models.PositiveSmallIntegerField(default=200)
    ask_again_after = models.DurationField(default=timedelta(0), null=True)  # None: never
    removal_deletes = models.BooleanField(default=False)
    deletion_delay = models.DurationField(default=timedelta(hours=72))
    emptying_needs_two = models.BooleanField(default=False)
    deletion_needs_two = models.BooleanField(default=False)
    tells_every_change = models.BooleanField(default=True)
    made_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[PolicyQuerySet] = PolicyQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = (
            models.UniqueConstraint(name="policy_number_once", fields=["server", "number"]),
            models.CheckConstraint(
                name="policy_message_lifetime_within_30_days",
                condition=models.Q(message_lifetime__gt=timedelta(0), message_lifetime__lte=LIMIT),
            ),
            models.CheckConstraint(
                name="policy_media_lifetime_within_30_days",
                condition=models.Q(media_lifetime__gt=timedelta(0), media_lifetime__lte=LIMIT),
            ),
            models.CheckConstraint(
                name="policy_largest_object_within_1_gib",
                condition=models.Q(largest_object__gt=0, largest_object__lte=LARGEST_OBJECT),
            ),
            models.CheckConstraint(
                name="policy_deletion_delay_within_30_days",
                condition=models.Q(deletion_delay__gte=timedelta(0), deletion_delay__lte=LIMIT),
            ),
            models.CheckConstraint(
                name="policy_asking_again_is_not_in_the_past",
                condition=models.Q(ask_again_after=None)
                | models.Q(ask_again_after__gte=timedelta(0)),
            ),
        )

    def __str__(self) -> str:
        return f"version {self.number}"

    def lifetime_of(self, kind: str) -> timedelta:
        """How long an object of this kind (`message` or `media`) may be available."""
        return {MESSAGE: self.message_lifetime, MEDIA: self.media_lifetime}[kind]

    def allows(self, kind: str) -> bool:
        """May objects of this kind be stored at all? Those that are stored live out their time."""
        return self.media_allowed if kind == MEDIA else kind == MESSAGE


class PolicyBound(models.Model):
    """How far servers may go in one setting, where the platform says so.

    `default`, `least` and `most` are codes as `servers.policy` reads them. A locked setting stays
    on each server as it is.
    """

    setting = models.CharField(primary_key=True, max_length=40)
    default = models.PositiveBigIntegerField()
    least = models.PositiveBigIntegerField()
    most = models.PositiveBigIntegerField()
    locked = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="policy_bound_leaves_its_default",
                condition=models.Q(least__lte=models.F("default"), default__lte=models.F("most")),
            ),
        )

    def __str__(self) -> str:
        return self.setting
