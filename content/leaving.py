"""Leaving a server, in the app API. Nothing keeps a member: no standing, policy or lost trust."""

from typing import Literal

from django.http import HttpRequest
from ninja import Query, Router, Status

from audit.authority import Authority
from audit.vocabulary import Capacity
from enigm_command.lib.openapi import refusals
from membership.access import CODES, REFUSALS, Access, Name, Purpose, Refused, admit
from membership.models import AlreadyRemoved
from membership.tokens import AppBearer, AppToken

from . import actions


class Request(HttpRequest):
    """A request whose bearer is known."""

    auth: AppToken


router = Router(auth=AppBearer(), tags=["Joining and access"])


@router.delete(
    "/servers/{locator}/membership",
    response={204: None},
    openapi_extra={"responses": refusals(CODES, {422: ["invalid_request"]})},
)
def leave(request: Request, locator: str, sent: Query[Literal["keep", "delete"]]) -> Status[None]:
    """Leave a server. `sent` says what becomes of all that the bearer has sent there."""
    access = admit(request.auth, locator, Purpose.LEAVE)
    try:
        actions.leave(access, delete_content=sent == "delete", by=_authority(access))
    except AlreadyRemoved as error:
        raise Refused(403, *REFUSALS[Name.MEMBERSHIP]) from error
    return Status(204, None)


def _authority(access: Access) -> Authority:
    """A member over their own membership. Without a name: the log does not say who left."""
    server_id = access.server.pk
    return Authority(Capacity.MEMBER, server_id=server_id, warrant=access.membership)
