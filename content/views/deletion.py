"""Deleting content: choose what, look at what would go, confirm. Until then nothing changes."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.proposals import NotOpen
from audit.vocabulary import Action
from content import actions, agreements, words
from content.agreements import AlreadyProposed, NeedsSecond, Part
from content.forms import ConfirmationForm, ScopeForm
from content.models import DeletionOrder, Device
from content.models.objects import totals
from content.review import NoReview, Review
from enigm_command.lib.answers import Refusals, answering
from enigm_command.lib.wording import grouped
from servers.confirming import is_confirmed
from servers.edge import ServerRequest, administrators_only
from servers.models import Server

TOO_OLD = "Five minutes have passed. These are the numbers now; nothing has been deleted."
GROWN = "It changed from {} to {} objects while you were looking. Nothing has been deleted."
ASKED = "The other administrators are asked. Nothing is deleted until one of them agrees."
REFUSALS: dict[Refusals, str] = {
    AlreadyProposed: "Another administrator has just proposed it: agree, or decline.",
    (NeedsSecond, NotOpen): "A second administrator must agree to this. Nothing has been deleted.",
}


@require_safe
@administrators_only
def delete(request: ServerRequest, server: Server) -> HttpResponse:
    form = ScopeForm(initial=request.GET.dict(), server=server)
    return render(request, "content/delete.html", {"server": server, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def delete_review(request: ServerRequest, server: Server) -> HttpResponse:
    if request.method == "POST":
        return _confirm(request, server)
    form = ScopeForm(request.GET, server=server)
    if not form.is_valid():
        return render(request, "content/delete.html", {"server": server, "form": form})
    review = Review.begin(server, request.user, form.cleaned_data["scope"])
    return _show(request, review, ConfirmationForm(review=review))


def _confirm(request: ServerRequest, server: Server) -> HttpResponse:
    try:
        review = Review.open(request.POST.get("review", ""), server, request.user)
    except NoReview:
        return redirect("delete", server.pk)
    if DeletionOrder.objects.of(server.pk).filter(pk=review.confirmation.pk).exists():
        return _see(review)
    if review.confirmation.is_over or review.has_grown():
        return _show_again(request, review)
    form = ConfirmationForm(request.POST, review=review)
    if not is_confirmed(request, form, Action.DELETION_ORDERED):
        return _show(request, review, form)
    if not review.agreed():
        return _show_again(request, review)
    return _carry_out(request, review, form.cleaned_data["reason"])


def _carry_out(request: ServerRequest, review: Review, reason: str) -> HttpResponse:
    """Place the order; or ask a second administrator, where the policy needs one."""
    server, by = review.server, request.authority
    with answering(request, REFUSALS):
        if agreements.part_of(server, review.scope, request.user) != Part.PROPOSES:
            _place(request, review, reason)
            return _see(review)
        actions.propose_emptying(server, reason=reason, by=by)
        messages.success(request, ASKED)
    return redirect("content", server.pk)


def _place(request: ServerRequest, review: Review, reason: str) -> None:
    actions.order_deletion(
        review.server,
        review.scope,
        order_id=review.confirmation.pk,
        cutoff_at=review.cutoff_at,
        previewed=review.count,
        reason=reason,
        by=request.authority,
    )


def _see(review: Review) -> HttpResponse:
    response = redirect("order", review.server.pk, review.confirmation.pk)
    response.status_code = 303
    return response


def _show_again(request: ServerRequest, review: Review) -> HttpResponse:
    """What was typed is kept, but for the code; what is shown is new."""
    now = review.again()
    note = GROWN.format(grouped(review.count), grouped(now.count))
    messages.warning(request, note if now.count > review.count else TOO_OLD)
    typed = {name: request.POST.get(name, "") for name in ("name", "reason")}
    return _show(request, now, ConfirmationForm(initial=typed, review=now))


def _show(request: ServerRequest, review: Review, form: ConfirmationForm) -> HttpResponse:
    kinds = review.by_kind()
    context = {
        "server": review.server,
        "review": review,
        "form": form,
        "kinds": kinds,
        "bytes": totals(kinds)[1],
        "devices": Device.objects.of(review.server.pk).count(),
        "part": agreements.part_of(review.server, review.scope, request.user),
        "proposal": agreements.waiting(review.server),
        "scope": words.describe(review.server.pk, [review.scope])[0],
    }
    return render(request, "content/delete_review.html", context)
