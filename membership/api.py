"""Joining and access in the app API. Every call brings an app token; cookies do nothing."""

from base64 import urlsafe_b64decode
from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router, Schema, Status
from pydantic import AfterValidator, ConfigDict, Field

from audit import checkpoint
from enigm_command.lib import throttle
from enigm_command.lib.http import network
from enigm_command.lib.openapi import JSON_BODY, Codes, refusals
from enigm_command.lib.text import clean_line

from . import access, desk
from .access import FEED_CODES, MISTYPED
from .models import LONGEST_NAME, LONGEST_NOTE
from .tokens import AppBearer, AppToken

NOT_KEYS = "Access to a server's environment is not access to content keys."

Secret = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$", description="32 bytes in base64url")]
Typed = Annotated[str, AfterValidator(clean_line)]
NOTE = {
    "description": "A signed note.",
    "content": {"text/plain": {"schema": {"type": "string"}}},
}
State = Literal["holds", "does_not_hold", "decided_elsewhere"]


class Request(HttpRequest):
    """A request whose bearer is known."""

    auth: AppToken


class Nothing(Schema):
    """An empty object: there is nothing to tell."""


class JoinWish(Schema):
    """What the app sends when its user asks to join."""

    model_config = ConfigDict(extra="forbid", strict=True)

    server_id: Annotated[str, Field(max_length=64)]
    secret: Secret
    display_name: Annotated[Typed, Field(max_length=LONGEST_NAME)] = ""
    note: Annotated[Typed, Field(max_length=LONGEST_NOTE)] = ""


class JoinStatus(Schema):
    """How a request to join fares."""

    status: desk.Status


class ConditionState(Schema):
    """One condition of access. `value` is what it rests on, where the bearer may know."""

    name: access.Name
    state: State
    value: str


class AccessState(Schema):
    """Every condition of access to a server's environment; all of them are needed."""

    conditions: list[ConditionState]
    note: str


router = Router(auth=AppBearer(), tags=["Joining and access"])


ASKING: Codes = {401: ["token_spent"], 429: ["too_many"]}
NOT_A_SECRET: Codes = {422: ["invalid_request"]}


@router.post(
    "/join-requests",
    response={202: Nothing},
    openapi_extra={"responses": refusals(JSON_BODY, MISTYPED, ASKING)},
)
def ask(request: Request, wish: JoinWish) -> Status[Nothing]:
    """Ask to join a server. The answer is the same whatever becomes of the request."""
    _count(request, wish)
    told = desk.Wish(_bytes(wish.secret), wish.display_name, wish.note)
    desk.receive(request.auth, wish.server_id, told)
    return Status(202, Nothing())


@router.get(
    "/join-requests/{secret}",
    response=JoinStatus,
    openapi_extra={"responses": refusals(NOT_A_SECRET)},
)
def status(request: Request, secret: Path[Secret]) -> JoinStatus:
    """How the request fares that was sent with this secret. An unknown secret answers "waiting"."""
    return JoinStatus(status=desk.status(request.auth, _bytes(secret)))


@router.delete(
    "/join-requests/{secret}",
    response={204: None},
    openapi_extra={"responses": refusals(NOT_A_SECRET)},
)
def withdraw(request: Request, secret: Path[Secret]) -> Status[None]:
    """Take back an undecided request. The answer is the same if there is none."""
    desk.withdraw(request.auth, _bytes(secret))
    return Status(204, None)


@router.get(
    "/servers/{locator}/access",
    response=AccessState,
    openapi_extra={"responses": refusals(MISTYPED)},
)
def conditions(request: Request, locator: str) -> AccessState:
    """Which conditions of access hold for the bearer. A stranger sees no more than of no server."""
    shown = [_state(condition) for condition in access.conditions(request.auth, locator)]
    return AccessState(conditions=shown, note=NOT_KEYS)


@router.get(
    "/servers/{locator}/checkpoint",
    openapi_extra={"responses": {200: NOTE, **refusals(FEED_CODES)}},
)
def log_checkpoint(request: Request, locator: str) -> HttpResponse:
    """What the server's log signs now. A device that keeps it sees whether the log is rewritten."""
    admitted = access.admit(request.auth, locator, access.Purpose.FEED)
    signed = checkpoint.latest(admitted.server.pk)
    return HttpResponse(signed.note, content_type="text/plain; charset=utf-8")


def _count(request: Request, wish: JoinWish) -> None:
    """Nobody asks without end: no person, no network, and not about one Server ID, real or not."""
    address = access.address(wish.server_id)
    throttle.hit("join-subject", request.auth.subject)
    throttle.hit("join-network", network(request))
    throttle.hit("join-server", address)


def _state(condition: access.Condition) -> ConditionState:
    state: State = "holds" if condition.holds else "does_not_hold"
    if condition.decided_elsewhere:
        state = "decided_elsewhere"
    return ConditionState(name=condition.name, state=state, value=condition.value)


def _bytes(secret: str) -> bytes:
    return urlsafe_b64decode(secret + "=")
