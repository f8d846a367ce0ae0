"""How long a server keeps what it holds, in the app API: its rules, and what is measured."""

from datetime import datetime, timedelta
from typing import Any, Self

from django.http import HttpRequest
from ninja import Router, Schema

from enigm_command.lib import throttle
from enigm_command.lib.openapi import refusals
from membership.access import FEED_CODES, Access, Purpose, admit
from membership.tokens import AppBearer, AppToken

from . import retention
from .lifetimes import LONGEST
from .scope import Kind


class Request(HttpRequest):
    """A request whose bearer is known."""

    auth: AppToken


class Lifetimes(Schema):
    """How long an object of each kind lives at most, in seconds from its writing."""

    message: int
    media: int

    @classmethod
    def of(cls, access: Access) -> Self:
        """As the policy in force says it, within what no policy can exceed."""
        lives = {str(kind): min(access.policy.lifetime_of(kind), LONGEST) for kind in Kind}
        return cls(**{kind: _seconds(life) for kind, life in lives.items()})


class Measured(Schema):
    """What is in storage at this moment, in seconds and objects; null where there is nothing.

    `past_due` objects should be gone and are not: there must be none. Nobody can fetch them.
    """

    at: datetime
    objects: int
    oldest_age: int | None
    worst_age: int | None
    past_due: int
    counted_at: datetime | None
    swept_at: datetime | None
    next_sweep_at: datetime
    sweep_is_late: bool


class RetentionState(Schema):
    """The rules of a server's storage, and what is measured there."""

    lifetimes: Lifetimes
    largest_object: int
    measured: Measured


router = Router(auth=AppBearer(), tags=["Encrypted objects"])


@router.get(
    "/servers/{locator}/retention",
    response=RetentionState,
    openapi_extra={"responses": refusals({**FEED_CODES, 429: ["too_many"]})},
)
def retention_state(request: Request, locator: str) -> dict[str, Any]:
    """How long objects live here, and whether what must be gone is gone: measured, not claimed."""
    access = admit(request.auth, locator, Purpose.FEED)  # while it is suspended too
    throttle.hit("retention-member", str(access.server.pk), str(access.handle))
    return {
        "lifetimes": Lifetimes.of(access),
        "largest_object": access.policy.largest_object,
        "measured": _measured(retention.measured(access.server.pk)),
    }


def _measured(found: retention.Retention) -> Measured:
    return Measured(
        at=found.at,
        objects=found.objects,
        oldest_age=_seconds(found.oldest_age) if found.oldest_age else None,
        worst_age=_seconds(found.worst_age) if found.worst_age else None,
        past_due=found.past_due,
        counted_at=found.counted_at,
        swept_at=found.swept_at,
        next_sweep_at=found.next_sweep_at,
        sweep_is_late=found.is_late,
    )


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())
