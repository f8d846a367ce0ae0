"""The first hours of a new owner: five things to do, each ticked by the rows that it leaves."""

from dataclasses import dataclass

from django.db.models import Exists
from django.db.models.functions import Now
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.models import RecoveryCode
from audit.models import AuditEvent
from audit.vocabulary import Action, Capacity
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
        "How long messages and media are kept at most. Until you say otherwise, the default holds.",
        "policy",
    ),
    (
        "Save recovery codes",
        "Each opens the panel once when your phone is lost.",
        "security",
    ),
)


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do, and whether it is done."""

    title: str
    why: str
    url: str
    is_done: bool


def shown_to(request: ServerRequest) -> list[Step]:
    """The owner's list; empty for everybody else, once all is done, and once it was hidden."""
    if request.authority.capacity != Capacity.OWNER:
        return []
    if power_of(request.authority).first_steps_hidden_at:
        return []
    done = _done(request)
    steps = [
        Step(title, why, _address(route, request.server), is_done)
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


def _done(request: ServerRequest) -> tuple[bool, ...]:
    """What is done of STEPS, in one query."""
    server, acts = request.server, AuditEvent.objects.filter(stream_id=request.server.pk)
    answered = Exists(acts.filter(filed_as=Action.JOIN_REQUEST_REJECTED))
    approved = Exists(acts.filter(filed_as=Action.JOIN_REQUEST_APPROVED))
    others = Administrator.objects.filter(server=server).exclude(account=request.user)
    found: tuple[bool, ...] = (
        Server.objects.filter(pk=server.pk)
        .values_list(
            Exists(JoinRequest.objects.of(server)) | answered | approved,
            approved,
            Exists(others),
            Exists(PolicyVersion.objects.filter(server=server, number__gt=1)),
            Exists(RecoveryCode.objects.filter(device__user=request.user)),
        )
        .get()
    )
    return found


def _address(route: str, server: Server) -> str:
    return reverse(route) if route == "security" else reverse(route, args=[server.pk])
