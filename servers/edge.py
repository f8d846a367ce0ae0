"""Where a signed-in person becomes an authority over one server, or nobody at all."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from accounts.models import Account
from audit.authority import Authority, OutsideAuthority
from audit.recording import record_refusal
from audit.vocabulary import Action, Capacity
from enigm_command.lib.clock import ClockNow
from enigm_command.lib.question import Rows
from servers.models import Administrator, Server


class SignedInRequest(HttpRequest):
    """What reaches a view that is not public: the middleware lets nobody else in."""

    user: Account


class ServerRequest(SignedInRequest):
    """A request of somebody who administers `server`, and what they may act with.

    `at` is the database's clock when they entered, for pages that need to know what day it is.
    """

    at: datetime
    server: Server
    authority: Authority


POWERS = Rows(
    lambda server, account: (
        Administrator.objects.select_related("server")
        .filter(server_id=server, server__locator__isnull=False, account=account)
        .annotate(at=ClockNow())
    ),
)
ServerView = Callable[..., HttpResponseBase]


def administrators_only(view: ServerView) -> ServerView:
    """`view(request, server, ...)` for those who administer the server; for all others it is 404.

    `request.authority` is what they may act with. Of a deleted server only the log is left to see,
    so every other page leads there.
    """

    @wraps(view)
    def entered(request: ServerRequest, server_id: UUID, **kwargs: Any) -> HttpResponseBase:
        enter(request, server_id)
        if request.server.is_deleted:
            return redirect("log", server_id)
        return view(request, request.server, **kwargs)

    return entered


def administrators_even_after(view: ServerView) -> ServerView:
    """As `administrators_only`, and for a deleted server too."""

    @wraps(view)
    def entered(request: ServerRequest, server_id: UUID, **kwargs: Any) -> HttpResponseBase:
        enter(request, server_id)
        return view(request, request.server, **kwargs)

    return entered


def owners_only(act: Action) -> Callable[[ServerView], ServerView]:
    """As `administrators_only`, for what only the owner may do; 403 to the other administrators.

    That one of them tried it, stands in the log.
    """

    def closed(view: ServerView) -> ServerView:
        @administrators_only
        @wraps(view)
        def entered(request: ServerRequest, server: Server, **kwargs: Any) -> HttpResponseBase:
            if request.authority.capacity != Capacity.OWNER:
                if request.method == "POST":
                    record_refusal(act, by=request.authority, server=server)
                raise OutsideAuthority
            return view(request, server, **kwargs)

        return entered

    return closed


def enter(request: ServerRequest, server_id: UUID) -> None:
    """Mint the authority that this request acts with, and name the server its pages are about."""
    powers = POWERS.find(server=server_id, account=request.user.pk)
    if not powers:
        raise Http404
    (power,) = powers
    request.at, request.server = power.at, power.server  # type: ignore[attr-defined]
    request.authority = authority_of(power, request.user.username)


def authority_of(power: Administrator, name: str) -> Authority:
    """What an Administrator row lets its account do, as owner or as one of the administrators."""
    owns = power.server.owner_id == power.account_id
    return Authority(
        Capacity.OWNER if owns else Capacity.ADMINISTRATOR,
        name=name,
        actor=power.account_id,
        server_id=power.server_id,
        warrant=power,
    )


def power_of(by: Authority) -> Administrator:
    """The row by which somebody acts on a server; OutsideAuthority when it is another's, or none.

    Ask within `recording`, which has seen that it is about this server.
    """
    power = by.warrant
    if not isinstance(power, Administrator) or power.account_id != by.actor:
        raise OutsideAuthority
    return power
