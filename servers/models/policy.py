"""The rules a server sets for itself, version after version."""

from datetime import timedelta
from uuid import UUID

from django.db import models
from django.db.models.functions import Now

from servers.models.server import Server

LIMIT = timedelta(days=30)
MESSAGE, MEDIA = "message", "media"


class PolicyQuerySet(models.QuerySet["PolicyVersion"]):
    def in_force(self, server_id: UUID) -> "PolicyVersion":
        """The newest version of a server's policy; every server has a first one."""
        return self.filter(server_id=server_id).latest("number")


class PolicyVersion(models.Model):
    """One version of a server's policy. Versions are only ever added; the newest is in force.

    Lifetimes can be shorter than 30 days and never longer: the constraint is the promise.
    """

    server = models.ForeignKey(Server, on_delete=models.PROTECT, related_name="policy_versions")
    number = models.PositiveIntegerField()
    message_lifetime = models.DurationField(default=LIMIT)
    media_lifetime = models.DurationField(default=LIMIT)
    media_allowed = models.BooleanField(default=True)
    joins_open = models.BooleanField(default=True)
    queue_cap = models.PositiveSmallIntegerField(default=200)
    deletion_delay = models.DurationField(default=timedelta(hours=72))
    made_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = PolicyQuerySet.as_manager()

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
                name="policy_deletion_delay_within_30_days",
                condition=models.Q(deletion_delay__gte=timedelta(0), deletion_delay__lte=LIMIT),
            ),
        )

    def __str__(self) -> str:
        return f"version {self.number}"

    def lifetime_of(self, kind: str) -> timedelta:
        """How long an object of this kind (`message` or `media`) may be available."""
        return {MESSAGE: self.message_lifetime, MEDIA: self.media_lifetime}[kind]

    def allows(self, kind: str) -> bool:
        """May objects of this kind be stored at all?"""
        return self.media_allowed if kind == MEDIA else kind == MESSAGE
