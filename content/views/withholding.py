"""Keeping content from everyone without deleting it: choose what, look at it, withhold; release."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.stepup import fresh_factor
from content import actions, words
from content.models import AlreadyReleased, AlreadyWithheld, EncryptedObject, Withholding
from content.models.objects import totals
from content.scope import Scope
from content.withholding_forms import WithheldScopeForm, WithholdingForm
from enigm_command.lib import clock
from servers.edge import ServerRequest, administrators_only
from servers.models import Server


@require_safe
@administrators_only
def withhold(request: ServerRequest, server: Server) -> HttpResponse:
    form = WithheldScopeForm(initial=request.GET.dict(), server=server)
    return render(request, "content/withhold.html", {"server": server, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def withhold_review(request: ServerRequest, server: Server) -> HttpResponse:
    """What was chosen stands in the address, for the review and for the form on it."""
    chosen = WithheldScopeForm(request.GET, server=server)
    if not chosen.is_valid():
        return render(request, "content/withhold.html", {"server": server, "form": chosen})
    form = WithholdingForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        return _withhold(request, chosen.cleaned_data["scope"], form)
    return _review(request, chosen.cleaned_data["scope"], form)


@require_POST
@administrators_only
@fresh_factor
def release(request: ServerRequest, server: Server, pk: UUID) -> HttpResponse:
    withholding = get_object_or_404(Withholding.objects.of(server.pk), pk=pk)
    try:
        actions.release(withholding, by=request.authority)
    except AlreadyReleased:
        messages.warning(request, f"{withholding} was released before.")
    else:
        messages.success(request, f"{withholding} is released. What has not expired can be opened.")
    return redirect("content", server.pk)


@fresh_factor
def _withhold(request: ServerRequest, scope: Scope, form: WithholdingForm) -> HttpResponse:
    try:
        withholding = actions.withhold(request.server, scope, **form.terms(), by=request.authority)
    except AlreadyWithheld:
        messages.warning(request, "This is withheld already. Release it first to change its end.")
    else:
        messages.success(request, f"{withholding} is in force. Nobody can open it now.")
    return redirect("content", request.server.pk)


def _review(request: ServerRequest, scope: Scope, form: WithholdingForm) -> HttpResponse:
    server = request.server
    stored = EncryptedObject.objects.covered(server.pk, scope, clock.now())
    kinds = stored.counted_by_kind()
    objects, octets = totals(kinds)
    context = {
        "server": server,
        "form": form,
        "kinds": kinds,
        "objects": objects,
        "bytes": octets,
        "scope": words.describe(server.pk, [scope])[0],
    }
    return render(request, "content/withhold_review.html", context)
