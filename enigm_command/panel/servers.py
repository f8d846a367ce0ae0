"""The servers that the signed-in person administers: what waits on each, and how each stands.

All numbers are asked in one query, so fifty servers cost as many queries as one.
"""

from typing import Any

from django.db.models import (
    DurationField,
    Exists,
    ExpressionWrapper,
    Func,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Now
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import Account, Recovery
from content import agreements
from content.models import DeletionOrder, ObjectCount
from enigm_command.lib import vault
from membership.models import JoinRequest, Membership
from servers.edge import SignedInRequest
from servers.models import Server, Standing

STANDINGS = list(Standing)  # the graver, the later


@require_safe
def servers(request: SignedInRequest) -> HttpResponse:
    rows = sorted(_administered_by(request.user), key=_how_urgent, reverse=True)
    vault.have_at_hand(server.pk for server in rows)  # their names are sealed
    recoveries = Recovery.objects.running().filter(account=request.user)
    context = {
        "rows": rows,
        "recovery": recoveries.first(),
        "waiting": sum(server.waiting for server in rows),
        "running": sum(server.running for server in rows),
    }
    return render(request, "panel/servers.html", context)


def _administered_by(account: Account) -> QuerySet[Any]:
    """Their servers, the newest first, each with its numbers."""
    mine, this = Server.objects.for_account(account), OuterRef("pk")
    asked = agreements.proposed().filter(server_id=this).exclude(proposed_by=account)
    oldest = ObjectCount.objects.filter(server_id=this).order_by("oldest_at")
    return mine.order_by("-created_at").annotate(
        waiting=_number(JoinRequest.objects.waiting().filter(server=this)),
        asked_to_agree=Exists(asked),
        running=_number(DeletionOrder.objects.filter(server_id=this, finished_at=None)),
        members=_number(Membership.objects.filter(server=this)),
        longest_stored=ExpressionWrapper(
            Now() - Subquery(oldest.values("oldest_at")[:1]), output_field=DurationField()
        ),
    )


def _how_urgent(server: Any) -> tuple[bool, int, int, int]:
    """First where somebody waits for the reader, then where something is under way."""
    gravity = 0 if server.is_deleted else STANDINGS.index(server.standing)
    return server.asked_to_agree, server.waiting, server.running, gravity


def _number(rows: QuerySet[Any]) -> Subquery:
    counted = rows.order_by().values(row_count=Func("pk", function="COUNT"))
    return Subquery(counted, output_field=IntegerField())
