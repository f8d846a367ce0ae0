"""Objects in the app API: store, list, fetch, and delete what is one's own.

Bodies travel as they are, both ways; what is said about them travels in headers. Every route
passes `membership.access.admit`.
"""

import re
from base64 import b64encode
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Literal
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from ninja import Header, Query, Router, Schema, Status
from pydantic import AwareDatetime, BeforeValidator, Field

from audit import checkpoint
from enigm_command.lib import throttle
from enigm_command.lib.openapi import Codes, refusals
from enigm_command.lib.problems import Problem
from membership.access import CODES, Access, Purpose, admit
from membership.tokens import AppBearer, AppToken
from servers.models.policy import LARGEST_OBJECT

from . import blobs, intake, listing, own_deletions
from .arrival import CHUNK, Arrival
from .lifetimes import LONGEST
from .models import EncryptedObject
from .models.intake_keys import digest
from .object_ids import NotAnObjectId, parse_public_id
from .ranges import Reader, Stretch
from .scope import Kind

RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
BYTES = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
OFFERED: Codes = {
    400: ["length_mismatch"],
    408: ["upload_lapsed"],
    409: ["bytes_missing"],
    410: ["already_deleted", "already_expired"],
    411: ["length_required"],
    413: ["too_large"],
    422: ["invalid_request", "not_an_encrypted_envelope"],
    429: ["too_many"],
    503: ["storage_unavailable"],
    507: ["no_room"],
}
NAMED: Codes = {404: ["not_found"]}
FETCHED: Codes = {404: ["bytes_missing"], 416: ["out_of_range"], 503: ["storage_unavailable"]}


class Request(HttpRequest):
    """A request whose bearer is known."""

    auth: AppToken


def _in_rfc_3339(text: str) -> str:
    if not RFC_3339.fullmatch(text):
        raise ValueError("not a time in the form of RFC 3339")
    return text


class Said(Schema):
    """What headers say of an object that is stored. `Enigm-Lifetime` is in seconds."""

    kind: Kind = Field(alias="Enigm-Kind")
    authored_at: Annotated[AwareDatetime, BeforeValidator(_in_rfc_3339)] = Field(
        alias="Enigm-Authored-At"
    )
    lifetime: int = Field(int(LONGEST.total_seconds()), alias="Enigm-Lifetime", ge=1, le=10**9)
    key: str | None = Field(None, alias="Idempotency-Key", min_length=1, max_length=255)


class StoredObject(Schema):
    """An object the server has taken in."""

    id: str = Field(alias="public_id")
    received_at: datetime
    expires_at: datetime


class ListedObject(StoredObject):
    """An object that may be fetched, without its body. `sha256` is in hex."""

    author: UUID
    kind: Kind
    size: int
    sha256: str
    authored_at: datetime

    @staticmethod
    def resolve_sha256(listed: EncryptedObject) -> str:
        """The digest in hex."""
        return bytes(listed.sha256).hex()


class ObjectPage(Schema):
    """Objects in order of arrival, some twice. `more`: ask again at once, even if none came."""

    objects: list[ListedObject]
    after: str
    more: bool


class OwnDeletion(Schema):
    """Everything the bearer had sent up to this moment is unavailable."""

    deleted_up_to: datetime


router = Router(auth=AppBearer(), tags=["Encrypted objects"])


@router.post(
    "/servers/{locator}/objects",
    response={200: StoredObject, 201: StoredObject},
    openapi_extra={
        "requestBody": {"required": True, "content": BYTES},
        "responses": refusals(CODES, OFFERED),
    },
)
def store(request: Request, locator: str, said: Header[Said]) -> Status[EncryptedObject]:
    """Take in one sealed object. The same idempotency key again answers with the same object."""
    offer = intake.Offer(
        kind=said.kind,
        authored_at=said.authored_at,
        lasting=timedelta(seconds=said.lifetime),
        key=digest(said.key) if said.key else None,
    )
    arrival = Arrival(request, _announced_size(request))
    may = partial(admit, request.auth, locator, Purpose.STORE)
    access = may()
    _count(access)
    stored, is_new = intake.store(offer, arrival, may, access)
    return Status(201 if is_new else 200, stored)


@router.get(
    "/servers/{locator}/objects",
    response=ObjectPage,
    openapi_extra={"responses": refusals(CODES, {422: ["not_a_cursor"]})},
)
def list_objects(
    request: Request, response: HttpResponse, locator: str, after: Query[str] = ""
) -> listing.Page:
    """What may be fetched, oldest arrival first; `after` is what the page before gave out.

    `Enigm-Checkpoint` is the log's last signed note in base64: devices that keep it are witnesses.
    """
    access = admit(request.auth, locator, Purpose.READ)
    if signed := checkpoint.last_signed(access.server.pk):
        response.headers["Enigm-Checkpoint"] = b64encode(signed.note.encode()).decode()
    return listing.page(access, listing.Cursor.parse(after) if after else listing.Cursor())


@router.get(
    "/servers/{locator}/objects/{object_id}",
    openapi_extra={
        "responses": {
            200: {"description": "The sealed body.", "content": BYTES},
            206: {"description": "The part of it that `Range` asks for.", "content": BYTES},
            **refusals(CODES, NAMED, FETCHED),
        }
    },
)
def fetch(request: Request, locator: str, object_id: str) -> HttpResponse | FileResponse:
    """The sealed body of one object, or the one range of it that is asked for."""
    access = admit(request.auth, locator, Purpose.READ)
    found = _available(access, object_id)
    if found is None:
        raise _why_not(access, object_id)
    try:
        return _part_of(found, _stretch(request, found))
    except FileNotFoundError as error:
        # A purge was here between the two, and then it is not available any more.
        raise _bytes_missing() if _available(access, object_id) else _nothing_here() from error


@router.delete(
    "/servers/{locator}/objects/{object_id}",
    response={204: None},
    openapi_extra={"responses": refusals(CODES, NAMED, {403: ["not_your_own"]})},
)
def delete(request: Request, locator: str, object_id: str) -> Status[None]:
    """Delete one object of the bearer's own: unavailable at once, erased within minutes."""
    access = admit(request.auth, locator, Purpose.LEAVE)
    if own_deletions.delete_one(access, _well_formed(object_id)):
        return Status(204, None)
    if _available(access, object_id):
        raise Problem(403, "not_your_own", "Only its author can delete this object here.")
    raise _nothing_here()


@router.delete(
    "/servers/{locator}/objects",
    response=OwnDeletion,
    openapi_extra={"responses": refusals(CODES, {422: ["invalid_request"]})},
)
def delete_mine(request: Request, locator: str, mine: Query[Literal["", "true"]]) -> OwnDeletion:
    """Delete everything the bearer has sent: unavailable at once, erased within minutes."""
    access = admit(request.auth, locator, Purpose.LEAVE)
    return OwnDeletion(deleted_up_to=own_deletions.delete_all(access))


def _count(access: Access) -> None:
    """No member stores without end, and neither do all of a server's together."""
    server_id = str(access.server.pk)
    throttle.hit("store-member", server_id, str(access.handle))
    throttle.hit("store-server", server_id)


def _announced_size(request: HttpRequest) -> int:
    announced = request.headers.get("Content-Length", "")
    if not announced.isdecimal():
        raise Problem(411, "length_required", "Content-Length is needed.")
    if int(announced) > LARGEST_OBJECT:  # whatever the policy says, and before it is read
        raise intake.TooLarge(LARGEST_OBJECT)
    return int(announced)


def _available(access: Access, object_id: str) -> EncryptedObject | None:
    named = EncryptedObject.objects.available(access)
    return named.by_public_id(access.server.pk, _well_formed(object_id)).first()


def _well_formed(object_id: str) -> str:
    """What is no object id names nothing."""
    try:
        parse_public_id(object_id)
    except NotAnObjectId as error:
        raise _nothing_here() from error
    return object_id


def _stretch(request: Request, found: EncryptedObject) -> Stretch:
    """A device that goes on with another body than it began with gets the whole."""
    goes_on = request.headers.get("If-Range", _tag(found)) == _tag(found)
    return Stretch.asked_for(request.headers.get("Range", "") if goes_on else "", found.size)


def _part_of(found: EncryptedObject, stretch: Stretch) -> HttpResponse | FileResponse:
    """No cache on the way may keep it: what is deleted is deleted for everyone at once."""
    body = found.body
    response = _apart(found, stretch) if body is None else HttpResponse(stretch.of(body))
    response.headers["Content-Type"] = "application/octet-stream"
    response.headers["Content-Length"] = str(stretch.length)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["ETag"] = _tag(found)
    if not stretch.is_whole:
        response.status_code = 206
        response.headers["Content-Range"] = stretch.header
    return response


def _apart(found: EncryptedObject, stretch: Stretch) -> FileResponse:
    """In pieces, as they come from storage."""
    body = blobs.open_body(blobs.BlobName(*found.pk), stretch.start, stretch.length)
    response = FileResponse(Reader(body, stretch.length))
    response.block_size = CHUNK
    return response


def _tag(found: EncryptedObject) -> str:
    return f'"{bytes(found.sha256).hex()}"'


def _why_not(access: Access, object_id: str) -> Problem:
    lost = EncryptedObject.objects.missing(access).by_public_id(access.server.pk, object_id)
    return _bytes_missing() if lost.exists() else _nothing_here()


def _bytes_missing() -> Problem:
    """Said, since otherwise a device would take it for deleted."""
    return Problem(404, "bytes_missing", "The server has lost the bytes of this object.")


def _nothing_here() -> Problem:
    return Problem(404, "not_found", "There is no such object, or not any more.")
