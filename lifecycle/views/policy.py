"""A server's policy: what holds, what held before, and the review of what is to hold next."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms import ConfirmingForm
from audit.vocabulary import Action
from lifecycle import actions
from lifecycle.policy import Draft, NothingToChange
from lifecycle.policy_forms import PolicyForm
from lifecycle.policy_history import history
from servers.confirming import asked, is_spent
from servers.edge import ServerRequest, administrators_only
from servers.models import PolicyVersion, Server
from servers.models.policy import AlreadyChanged
from servers.policy import OutsideBounds

NOTHING = "That is what the policy says already. Nothing was changed."
TOO_FAR = "The platform does not let this server change: {}."
TOO_LATE = "Another administrator changed the policy first. This is what it says now."


@require_safe
@administrators_only
def policy(request: ServerRequest, server: Server) -> HttpResponse:
    current = PolicyVersion.objects.in_force(server.pk)
    return _page(request, server, PolicyForm(current=current))


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def policy_review(request: ServerRequest, server: Server) -> HttpResponse:
    current = PolicyVersion.objects.in_force(server.pk)
    chosen = PolicyForm(request.GET, current=current)
    if not chosen.is_valid():
        return _page(request, server, chosen)
    draft = Draft.of(server, chosen.codes)
    if not draft.changes:
        messages.info(request, NOTHING)
        return redirect("policy", server.pk)
    confirmation = asked(request, Action.POLICY_CHANGED, *draft.parts)
    form = ConfirmingForm(request.POST or None, confirmation=confirmation)
    if not is_spent(request, form, Action.POLICY_CHANGED, *draft.parts):
        return _review(request, draft, chosen, form)
    _change(request, draft)
    return redirect("policy", server.pk)


def _change(request: ServerRequest, draft: Draft) -> None:
    try:
        version = actions.change_policy(draft, by=request.authority)
    except AlreadyChanged:
        messages.warning(request, TOO_LATE)
    except OutsideBounds as error:
        messages.error(request, TOO_FAR.format(error))
    except NothingToChange:
        messages.info(request, NOTHING)
    else:
        messages.success(request, f"Version {version.number} of the policy is in force.")


def _page(request: ServerRequest, server: Server, form: PolicyForm) -> HttpResponse:
    before = request.GET.get("before", "")
    context = {
        "server": server,
        "form": form,
        "history": history(server, int(before) if before.isdecimal() and len(before) < 9 else None),
    }
    return render(request, "lifecycle/policy.html", context)


def _review(
    request: ServerRequest, draft: Draft, chosen: PolicyForm, form: ConfirmingForm
) -> HttpResponse:
    context = {
        "server": draft.server,
        "draft": draft,
        "lost": draft.lost(),
        "form": form,
        "chosen": urlencode(chosen.codes),
    }
    return render(request, "lifecycle/policy_review.html", context)
