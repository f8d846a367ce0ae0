"""The feed in the app API: what devices are told, and how they say that it is done."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema, Status
from pydantic import AwareDatetime, ConfigDict, Field

from enigm_command.lib.openapi import JSON_BODY, Codes, refusals
from membership.access import FEED_CODES, admit_device
from membership.tokens import AppBearer, AppToken

from . import feed
from .models import Device, FeedEntry
from .scope import Kind

Number = Annotated[int, Field(ge=0, lt=2**63)]
NOT_A_NUMBER: Codes = {422: ["invalid_request"]}


class Request(HttpRequest):
    """A request whose bearer is known."""

    auth: AppToken


class Told(Schema):
    """One entry of the feed. What it leaves out, it does not narrow down. `lifetime`: seconds."""

    number: int
    what: FeedEntry.What
    author: str | None = None
    kind: Kind | None = None
    objects: list[str] | None = None
    up_to: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    withholding: int | None = None
    standing: str | None = None
    lifetime: int | None = None


class FeedPage(Schema):
    """Every page has 16,384 bytes. `more`: ask again at once. `reset`: drop everything you hold of
    this server and list it anew. `admitted` false: the bearer is no user of it any more."""

    entries: list[Told]
    after: int
    more: bool
    reset: bool
    admitted: bool
    padding: str


class Position(Schema):
    """Where the device is: the `after` of the last page that it has done, or 0."""

    after: Number = 0


class Applied(Schema):
    """Everything up to this number is done."""

    model_config = ConfigDict(extra="forbid", strict=True)

    number: Number


router = Router(auth=AppBearer(), tags=["Feed"])


@router.get(
    "/servers/{locator}/feed",
    response=FeedPage,
    openapi_extra={"responses": refusals(FEED_CODES, NOT_A_NUMBER)},
)
def read_feed(request: Request, locator: str, device: Query[Position]) -> HttpResponse:
    """What was deleted, withheld or released since, and how the server stands.

    It stays open to devices of former users until their last copies have expired.
    """
    listener = admit_device(request.auth, locator, Device.objects.knows)
    page = feed.page(listener, device.after)
    response = HttpResponse(page.padded(), content_type="application/json")
    response.headers["Cache-Control"] = "no-store, no-transform"  # compressed, lengths would tell
    return response


@router.post(
    "/servers/{locator}/feed/applied",
    response={204: None},
    openapi_extra={"responses": refusals(FEED_CODES, JSON_BODY, {422: ["not_told"]})},
)
def feed_applied(request: Request, locator: str, done: Applied) -> Status[None]:
    """Say that all entries up to this number are done. A lower number than before does nothing."""
    listener = admit_device(request.auth, locator, Device.objects.knows)
    feed.applied(listener, done.number)
    return Status(204, None)
