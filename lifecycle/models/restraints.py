"""What holds a server back without ending it: restrictions and suspensions.

Each party places one of a kind at a time and lifts its own; while the other party's stands, the
server stays held back.
"""

from typing import Any, ClassVar, Generic, Self, TypeVar

from django.db import models
from django.db.models import Q

from audit.authority import Authority
from enigm_command.lib.clock import ClockNow
from enigm_command.lib.fields import SealedText
from lifecycle.models.records import Grounds, Party, Record, once, origin
from servers.models import Server, Standing

Row = TypeVar("Row", bound="Restraint")


class RestraintQuerySet(models.QuerySet[Row], Generic[Row]):
    def open(self) -> Self:
        """Those in force."""
        return self.filter(lifted_at__isnull=True)

    def place(
        self, server: Server, *, reason: str = "", grounds: Grounds | None = None, by: Authority
    ) -> Row:
        """Hold the server back for one party; AlreadyInForce when it has done so."""
        who = origin(by, grounds)
        with once():
            return self.create(server=server, reason=reason or None, **who)

    def lift(self, server: Server, party: Party) -> bool:
        """End what this party placed. What the other party placed stays."""
        return bool(self.open().filter(server=server, party=party).update(lifted_at=ClockNow()))


class Restraint(Record):
    """In force from `placed_at` until it is lifted. An operator's has a code and a reference, an
    administrator's may have a reason in words."""

    STANDING: ClassVar[Standing]

    reason = SealedText(scope="server_id", max_length=280, null=True)
    placed_at = models.DateTimeField(db_default=ClockNow(), editable=False)
    lifted_at = models.DateTimeField(null=True)

    class Meta(Record.Meta):
        abstract = True
        constraints: ClassVar[list[Any]] = [
            *Record.Meta.constraints,
            models.UniqueConstraint(
                name="%(class)s_one_open_for_each_party",
                fields=["server", "party"],
                condition=Q(lifted_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self._meta.model_name} {self.pk}"


class RestrictionQuerySet(RestraintQuerySet["Restriction"]):
    pass


class Restriction(Restraint):
    """Nobody joins and nothing is stored meanwhile; reading, leaving and own deletion go on."""

    STANDING: ClassVar[Standing] = Standing.RESTRICTED

    objects: ClassVar[RestrictionQuerySet] = RestrictionQuerySet.as_manager()  # type: ignore[assignment]


class SuspensionQuerySet(RestraintQuerySet["Suspension"]):
    pass


class Suspension(Restraint):
    """Nothing is read or written meanwhile; leaving, own deletion and expiry go on."""

    STANDING: ClassVar[Standing] = Standing.SUSPENDED

    objects: ClassVar[SuspensionQuerySet] = SuspensionQuerySet.as_manager()  # type: ignore[assignment]
