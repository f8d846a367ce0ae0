"""A server that runs dry: nothing new comes in, and what is there ends by its own time."""

from datetime import timedelta
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from audit.authority import Authority
from content.lifetimes import LONGEST
from enigm_command.lib import clock
from enigm_command.lib.clock import ClockNow
from lifecycle.models.records import (
    SUBSCRIPTION_ENDED,
    Grounds,
    Party,
    Record,
    once,
    origin,
)
from servers.models import Server, Standing

NOTICE = timedelta(days=30)  # between the schedule's announcement and the beginning


class RetirementQuerySet(models.QuerySet["Retirement"]):
    def open(self) -> "RetirementQuerySet":
        """Announced or under way: neither called off nor at its end."""
        return self.filter(called_off_at__isnull=True, finished_at__isnull=True)

    def begun(self) -> "RetirementQuerySet":
        """Those under way."""
        return self.open().filter(dry_at__isnull=False)

    def announced(self) -> "RetirementQuerySet":
        """Those that have not begun."""
        return self.open().filter(dry_at__isnull=True)

    def due(self) -> "RetirementQuerySet":
        """Announced, and their day has come."""
        return self.announced().filter(begins_at__lte=ClockNow())

    def dry(self) -> "RetirementQuerySet":
        """Under way for so long that nothing can be left to read."""
        return self.begun().filter(dry_at__lte=ClockNow())

    def announce(self, server: Server, *, by: Authority) -> "Retirement":
        """Set the day on which it begins by itself; AlreadyInForce when one is open."""
        who = {**origin(by, None), "code": SUBSCRIPTION_ENDED}
        with once():
            return self.create(server=server, begins_at=clock.now() + NOTICE, **who)

    def place(self, server: Server, *, grounds: Grounds | None, by: Authority) -> "Retirement":
        """Begin at once; AlreadyInForce when one is open."""
        now, who = clock.now(), origin(by, grounds)
        with once():
            return self.create(server=server, begins_at=now, dry_at=now + LONGEST, **who)

    def begin(self, retirement: "Retirement") -> bool:
        """Begin what was announced, on its day; only one caller can win."""
        due = self.due().filter(pk=retirement.pk)
        return bool(due.update(dry_at=ClockNow() + LONGEST))

    def call_off(self, server: Server, party: Party) -> bool:
        """End what this party placed, unless the server has run dry."""
        waits = Q(dry_at__isnull=True) | Q(dry_at__gt=ClockNow())
        own = self.open().filter(waits, server=server, party=party)
        return bool(own.update(called_off_at=ClockNow()))

    def finish(self, retirement: "Retirement") -> bool:
        """The server has run dry: its deletion takes over."""
        return bool(self.dry().filter(pk=retirement.pk).update(finished_at=ClockNow()))


class Retirement(Record):
    """Announced for `begins_at`; from then on nobody joins and nothing is stored. `dry_at` is when
    the last object is over: until then it can be called off, and then the server deletes itself."""

    STANDING: ClassVar[Standing] = Standing.RETIRING

    placed_at = models.DateTimeField(db_default=ClockNow(), editable=False)
    begins_at = models.DateTimeField()
    dry_at = models.DateTimeField(null=True)
    called_off_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects: ClassVar[RetirementQuerySet] = RetirementQuerySet.as_manager()  # type: ignore[assignment]

    class Meta(Record.Meta):
        constraints: ClassVar[list[Any]] = [
            *Record.Meta.constraints,
            models.UniqueConstraint(
                name="retirement_one_open_each",
                fields=["server"],
                condition=Q(called_off_at__isnull=True, finished_at__isnull=True),
            ),
            models.CheckConstraint(
                name="retirement_runs_dry_in_30_days",
                condition=Q(dry_at__isnull=True) | Q(dry_at__gte=F("begins_at") + LONGEST),
            ),
            models.CheckConstraint(
                name="retirement_ends_one_way",
                condition=Q(called_off_at__isnull=True) | Q(finished_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"retirement {self.pk}"

    @property
    def has_begun(self) -> bool:
        """Is it more than announced?"""
        return self.dry_at is not None
