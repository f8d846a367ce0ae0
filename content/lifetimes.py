"""The two clocks of an object, and the times computed from them.

What must never happen: an object outlives 30 days, or a copy that a deletion order covers comes
back because a stale device offers it again. What prevents it: `authored_at` travels in the
object's header, so a second upload is as old as the first; every time here is computed from it and
from the database's clock, never from this machine's, and repeated as a CHECK.

`authored_at` is kept to the second, and each end of that second is used on the safe side: life is
counted from its beginning, and an order reaches the object by its end. (With its beginning for
both, what is written in the rest of the second after "delete everything" would be dark.) A copy of
what was written in that second before the order would so be on the far side of it: therefore intake
goes by the exact time that the header says, and that is never kept.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

LONGEST = timedelta(days=30)
GRAIN = timedelta(seconds=1)
SWEPT_EVERY = timedelta(minutes=1)  # what is due; reads do not wait for it


@dataclass(frozen=True, slots=True)
class Lifetime:
    """When an object was written, came, counts as having come, and is gone.

    `told_at` is when its header says it was written, to its last digit; never later than it came.
    """

    told_at: datetime
    authored_at: datetime
    received_at: datetime
    effective_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, authored_at: datetime, received_at: datetime, lasting: timedelta) -> "Lifetime":
        """Clamp what the device says: not from the future, not longer than 30 days."""
        told_at = min(authored_at, received_at)
        authored_at = whole_second(told_at)
        return cls(
            told_at=told_at,
            authored_at=authored_at,
            received_at=received_at,
            effective_at=min(authored_at + GRAIN, received_at),
            expires_at=authored_at + min(lasting, LONGEST),
        )

    @property
    def expires_on(self) -> date:
        """The UTC day at whose end its partition goes."""
        return self.expires_at.astimezone(UTC).date()

    @property
    def is_over(self) -> bool:
        """It came too late to live at all."""
        return self.expires_at <= self.received_at


def whole_second(at: datetime) -> datetime:
    """The beginning of this second, in UTC."""
    return at.astimezone(UTC).replace(microsecond=0)
