"""The feed: devices ask what was deleted or withheld since, and say how far they have come.

What must never happen: a device misses an entry and never learns of it, or somebody who only sees
how long answers are can tell whether anything was deleted. What prevents it: numbers have no gap
and become visible in their order (`models.feed`), so a page that does not begin right after where
the device is shows that entries were forgotten: it is told to begin anew. And every page is as long
as every other one, full or empty.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from enigm_command.lib.problems import Problem
from membership.access import Listener

from .models import Device, FeedEntry, Gate
from .scope import ANYONE

SIZE = 40
PAGE_BYTES = 16 * 1024  # every page has exactly so many


class NotTold(Problem):
    """A device says that it did what nobody has told it."""

    def __init__(self) -> None:
        super().__init__(422, "not_told", "The feed has not come as far as this number.")


@dataclass(frozen=True, slots=True)
class Page:
    """What a device is told next. `reset`: drop what you hold of this server, and list it anew.

    `admitted` False tells a device of a former member that it has no business with the rest.
    """

    entries: list[dict[str, Any]]
    after: int
    more: bool
    reset: bool
    admitted: bool

    def padded(self) -> bytes:
        """The page as JSON of PAGE_BYTES bytes."""
        said = asdict(self) | {"padding": ""}
        return json.dumps(said | {"padding": "0" * (PAGE_BYTES - len(json.dumps(said)))}).encode()


def page(listener: Listener, after: int) -> Page:
    """What follows number `after`. That a member's device asked is noted, to the week."""
    server_id, admitted = listener.server.pk, listener.is_admitted
    if admitted:
        Device.objects.see(server_id, listener.member, listener.device)
    newest = _newest(server_id)  # before the entries: what comes in between is on the next page
    entries = list(_beyond(server_id, after)[: SIZE + 1])
    if _is_lost(entries, after, newest):
        return Page([], after=newest, more=False, reset=True, admitted=admitted)
    shown = entries[:SIZE]
    return Page(
        entries=[_said(entry) for entry in shown],
        after=shown[-1].number if shown else after,
        more=len(entries) > SIZE,
        reset=False,
        admitted=admitted,
    )


def applied(listener: Listener, number: int) -> None:
    """A device has done all that it was told up to this number; NotTold if it cannot have been."""
    server_id = listener.server.pk
    if number > _newest(server_id):
        raise NotTold
    if listener.is_admitted:
        Device.objects.see(server_id, listener.member, listener.device)
    Device.objects.advance(server_id, listener.device, number)


def announce(server_id: UUID, standing: str) -> None:
    """Tell the devices how their server stands from now on, in the transaction that decides it."""
    FeedEntry.objects.announce(server_id, FeedEntry.of_standing(standing))


def announce_lifetimes(server_id: UUID, lifetimes: Mapping[str, timedelta]) -> None:
    """Tell the devices how long content of each of these kinds lives from now on."""
    told = [FeedEntry.of_lifetime(kind, lifetime) for kind, lifetime in lifetimes.items()]
    FeedEntry.objects.announce(server_id, *told)


def _newest(server_id: UUID) -> int:
    return Gate.objects.values_list("feed_number", flat=True).get(pk=server_id)


def _beyond(server_id: UUID, after: int) -> QuerySet[FeedEntry]:
    return FeedEntry.objects.of(server_id).filter(number__gt=after).order_by("number")


def _is_lost(entries: list[FeedEntry], after: int, newest: int) -> bool:
    """Is something forgotten that comes next, or the device ahead of a feed that was restored?"""
    return entries[0].number != after + 1 if entries else after != newest


def _said(entry: FeedEntry) -> dict[str, Any]:
    """One entry as devices read it: what says nothing is left out."""
    end = "up_to" if entry.what == FeedEntry.What.DELETION else "ends_at"
    said = {
        "number": entry.number,
        "what": entry.what,
        "author": "" if entry.author == ANYONE else str(entry.author),
        "kind": entry.kind,
        "objects": entry.object_ids,
        end: _time(entry.until),
        "withholding": entry.about,
        "standing": entry.standing,
        "lifetime": entry.lifetime and int(entry.lifetime.total_seconds()),
    }
    return {name: value for name, value in said.items() if value}


def _time(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}" if at else ""
