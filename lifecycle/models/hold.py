"""Holds: physical destruction waits, and nothing else does."""

import uuid
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from enigm_command.lib.clock import ClockNow
from enigm_command.lib.fields import SealedText
from lifecycle.models.records import LONGEST_REFERENCE
from servers.models import Server

LONGEST_HOLD = timedelta(days=365)  # it can be placed anew, as an act of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What an operator wants held, why, and how long at most."""

    category: str
    reason: str
    reference: str
    until: datetime
    confidential: bool = False


class HoldQuerySet(models.QuerySet["Hold"]):
    def open(self) -> Self:
        """Those in force."""
        return self.filter(lifted_at__isnull=True)

    def of(self, server_id: UUID) -> Self:
        """Those of one server."""
        return self.filter(server_id=server_id)

    def disclosed(self) -> Self:
        """Those that the server's administrators may know of."""
        return self.filter(confidential=False)

    def over(self) -> Self:
        """In force, although their day has come."""
        return self.open().filter(until__lte=ClockNow())

    def place(self, server: Server, wish: Wish, *, placed_by: UUID | None) -> "Hold":
        """Hold from now on; others that stand beside it stay."""
        return self.create(server=server, placed_by_id=placed_by, **asdict(wish))

    def end(self, hold: "Hold") -> bool:
        """Lift one; only one caller can win."""
        return bool(self.open().filter(pk=hold.pk).update(lifted_at=ClockNow()))

    def since(self) -> datetime | None:
        """When the oldest of these began."""
        oldest: datetime | None = self.aggregate(oldest=models.Min("placed_at"))["oldest"]
        return oldest

    def until(self) -> datetime | None:
        """When the last of these ends by itself."""
        last: datetime | None = self.aggregate(last=models.Max("until"))["last"]
        return last


class Hold(models.Model):
    """An operator's order to keep what would be destroyed. It makes nothing readable, keeps nothing
    available, and lets no object live past its 30 days.

    What is confidential stands in the platform's log alone until it is lifted.
    """

    class Category(models.TextChoices):
        LEGAL = "legal", "Legal"
        SECURITY = "security", "Security"
        COMPLIANCE = "compliance", "Compliance"
        OPERATIONAL = "operational", "Operational"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    server = models.ForeignKey(Server, on_delete=models.PROTECT, related_name="holds")
    category = models.CharField(max_length=12, choices=Category)
    confidential = models.BooleanField(default=False)
    reason = SealedText(scope="server_id", max_length=280)
    reference = SealedText(scope="server_id", max_length=LONGEST_REFERENCE)
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    placed_at = models.DateTimeField(db_default=ClockNow(), editable=False)
    until = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)

    objects: ClassVar[HoldQuerySet] = HoldQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="hold_category_known",
                condition=Q(category__in=["legal", "security", "compliance", "operational"]),
            ),
            models.CheckConstraint(
                name="hold_ends_within_a_year",
                condition=Q(until__gt=F("placed_at"), until__lte=F("placed_at") + LONGEST_HOLD),
            ),
        )

    def __str__(self) -> str:
        return f"hold {self.pk}"
