"""How often something may be tried, and by whom. One bucket for each, one statement for each try.

A bucket holds `times` tries and drains evenly over `per`. All that is kept is the moment at which
it will be empty again, under a name made by HMAC from what was tried, by whom and on which day: a
copy of the table says neither who came nor from where, nor whether they came back.

When the database does not answer, nothing is let through.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from . import vault
from .models import ThrottleBucket
from .problems import Problem
from .wording import span

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

# The row's lock makes racing tries wait for one another; each then counts on what the one before
# left (PostgreSQL 18 tells the old row from the new one). A refused try takes up no room.
HIT = """
    INSERT INTO lib_throttlebucket AS bucket (key, empty_at)
    VALUES (%(key)s, clock_timestamp() + %(each)s)
    ON CONFLICT (key) DO UPDATE SET empty_at =
        CASE WHEN bucket.empty_at + %(each)s <= clock_timestamp() + %(per)s
             THEN greatest(bucket.empty_at, clock_timestamp()) + %(each)s
             ELSE bucket.empty_at END
    RETURNING CASE WHEN old.empty_at = new.empty_at
                   THEN new.empty_at + %(each)s - %(per)s - clock_timestamp() END,
              CASE WHEN %(hasty)s THEN set_config('synchronous_commit', 'off', true) END
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """So many tries at once; after that, as many again in each `per`.

    What is tried thousands of times a second is `hasty`: no try waits for the disk, and a crash of
    the database may forget the last half second of them.
    """

    times: int
    per: timedelta
    hasty: bool = False


LIMITS: dict[str, Limit] = {
    # signing in; `who` is what was typed, so that names nobody has are counted like any other
    "sign-in": Limit(10, 15 * MINUTE),  # name and network
    "sign-in-account": Limit(100, HOUR),  # name, from wherever
    "sign-in-network": Limit(100, 15 * MINUTE),  # network
    "sign-in-told": Limit(1, 24 * HOUR),  # name: that they were told of all this
    "sign-up": Limit(20, HOUR),  # network
    "code": Limit(5, 5 * MINUTE),  # account and network
    "code-account": Limit(30, HOUR),  # account, from wherever
    "recovery-code": Limit(20, 15 * MINUTE),  # network, or account once a code was right
    "recover": Limit(10, HOUR),
    # acts of people who are signed in
    "address": Limit(5, HOUR),  # account
    "confirm": Limit(10, 15 * MINUTE),  # account
    "export": Limit(10, HOUR),  # account
    "invitation": Limit(20, HOUR),  # account
    "invitation-code": Limit(20, HOUR),  # account
    "order": Limit(20, 10 * MINUTE),  # account and server
    "vouch": Limit(5, HOUR),  # account
    # what an operator does alone; a bucket is of one day, in which these drain by less than one
    "operator-act": Limit(20, 20 * DAY),
    "operator-deletion": Limit(2, 2 * DAY),
    # asking to join; a server is what was typed, whether there is one or not
    "join-subject": Limit(20, HOUR),
    "join-network": Limit(120, HOUR),
    "join-server": Limit(300, HOUR),
    # storing objects
    "store-member": Limit(1_200, 10 * MINUTE, hasty=True),  # server and member
    "store-server": Limit(60_000, 10 * MINUTE, hasty=True),  # server
    # what is measured anew each time it is asked for
    "retention-member": Limit(60, HOUR, hasty=True),  # server and member
    "status": Limit(120, 10 * MINUTE, hasty=True),  # network
    # what browsers report by themselves
    "csp-report": Limit(20, 10 * MINUTE),  # network
}


class TooMany(Problem):
    """Tried too often. The app is told by a problem, a person by a page that says how long."""

    def __init__(self, wait: timedelta) -> None:
        self.wait = max(1, math.ceil(wait.total_seconds()))
        super().__init__(
            429,
            "too_many",
            f"Too many tries. Try again in {self.in_words}.",
            headers={"Retry-After": str(self.wait)},
        )

    @property
    def in_words(self) -> str:
        """The wait, rounded up to whole minutes when it is longer than one."""
        minutes = math.ceil(self.wait / 60)
        return span(timedelta(seconds=self.wait) if minutes == 1 else minutes * MINUTE)


def hit(name: str, *who: str) -> None:
    """Count one try of `name` by `who` (account, network, …); TooMany when the bucket is full.

    Ask before the try, and never inside a transaction: a rollback would give the try back.
    """
    limit = LIMITS[name]
    values: dict[str, Any] = {"key": _key(name, who), "per": limit.per, "hasty": limit.hasty}
    values["each"] = limit.per / limit.times
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(HIT, values)
        wait: timedelta | None = cursor.fetchone()[0]
    if wait is not None:
        raise TooMany(wait)


def forget(name: str, *who: str) -> None:
    """Begin with an empty bucket: it was the right person after all."""
    ThrottleBucket.objects.filter(key=_key(name, who)).delete()


def _key(name: str, who: tuple[str, ...]) -> bytes:
    day = datetime.now(UTC).date()
    return vault.index(vault.PLATFORM, "\0".join(("throttle", str(day), name, *who)))
