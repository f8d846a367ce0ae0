"""The first hours of a new owner: five things to do, each ticked by the rows that it leaves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.models import RecoveryCode
from audit.authority import Authority
from audit.models import AuditEvent
from audit.vocabulary import Action, Capacity
from content.lifetimes import LONGEST
from enigm_command.lib.question import some
from enigm_command.lib.wording import span
from membership.models import JoinRequest
from servers.edge import ServerRequest, administrators_only, power_of
from servers.models import Administrator, PolicyVersion, Server

STEPS = (  # what to do, why, and on which page
    (
        "Share the Server ID",
        "It is an address, not a password. Done once somebody has asked to join.",
        "invite",
    ),
    (
        "Approve the first request",
        "Compare the code with whoever asked, in a call or in person. Only then approve.",
        "join-requests",
    ),
    (
        "Add a second administrator",
        "They can vouch for you if you lose every way to sign in.",
        "administrator-invitation",
    ),
    (
        "Set lifetimes",
        f"Messages and media are kept for {span(LONGEST)} at most. Choose less, or hide this list.",
        "policy",
    ),
    (
        "Save recovery codes",
        "Each signs you in once when your phone is lost.",
        "security",
    ),
)
ANSWERS = (Action.JOIN_REQUEST_APPROVED, Action.JOIN_REQUEST_REJECTED)
TICKS = ("has_approved", "has_others", "has_decided", "has_codes")  # after the first step's two


def _acts(server: UUID, *acts: Action) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(stream_id=server, filed_as__in=acts)


def _others(server: UUID, owner: UUID) -> QuerySet[Administrator]:
    return Administrator.objects.filter(server=server).exclude(account=owner)


def _codes(owner: UUID) -> QuerySet[RecoveryCode]:
    return RecoveryCode.objects.filter(device__user=owner)


PARTS: dict[str, Callable[..., QuerySet[Any]]] = {  # of what a page asks about server and owner
    "has_asked": lambda server: some(JoinRequest.objects.of(server)),
    "has_answered": lambda server: some(_acts(server, *ANSWERS)),
    "has_approved": lambda server: some(_acts(server, Action.JOIN_REQUEST_APPROVED)),
    "has_others": lambda server, owner: some(_others(server, owner)),
    "has_decided": lambda server: some(PolicyVersion.objects.filter(server=server, number__gt=1)),
    "has_codes": lambda owner: some(_codes(owner)),
}


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do, and whether it is done."""

    title: str
    why: str
    url: str
    is_done: bool


def are_open_to(by: Authority) -> bool:
    """They are the owner's, until they are hidden."""
    return by.capacity == Capacity.OWNER and power_of(by).first_steps_hidden_at is None


def told(server: Server, found: Mapping[str, Any]) -> list[Step]:
    """The list, by what was found of PARTS; empty once all is done."""
    shared = found["has_asked"] or found["has_answered"]
    done = [bool(each) for each in (shared, *(found[name] for name in TICKS))]
    steps = [
        Step(title, why, _address(route, server), is_done)
        for (title, why, route), is_done in zip(STEPS, done, strict=True)
    ]
    return [] if all(done) else steps


@require_POST
@administrators_only
def first_steps_hiding(request: ServerRequest, server: Server) -> HttpResponse:
    """For whoever hides it, on this server, for good. It decides nothing, so no log says it."""
    power = Administrator.objects.filter(pk=power_of(request.authority).pk)
    power.update(first_steps_hidden_at=Now())
    return redirect("server", server.pk)


def _address(route: str, server: Server) -> str:
    return reverse(route) if route == "security" else reverse(route, args=[server.pk])
