"""Deleting a whole server: reviewed, ordered, agreed to by a second person, called off; at its end,
the receipt."""

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.proposals import NotOpen
from audit.vocabulary import Action, Capacity
from content.figures import counted
from content.models import Gate
from enigm_command.lib.answers import answering
from enigm_command.lib.progress import Mark, watched
from enigm_command.lib.question import Question, count, some
from lifecycle import actions, progress
from lifecycle.agreements import waiting_for_second
from lifecycle.forms import EndingForm, ServerDeletionForm
from lifecycle.models import AlreadyInForce, NothingToLift, ServerDeletion, ServerReceipt
from membership.models import Membership
from servers.confirming import asked, is_spent
from servers.edge import ServerRequest, administrators_even_after, administrators_only
from servers.models import PolicyVersion, Server

STANDS = Question(
    delay=lambda server: PolicyVersion.objects.of(server).values("deletion_delay")[:1],
    held_since=lambda server: Gate.objects.filter(pk=server).values("held_since"),
    held_until=lambda server: Gate.objects.filter(pk=server).values("held_until"),
    is_ordered=lambda server: some(ServerDeletion.objects.open().filter(server=server)),
    members=lambda server: count(Membership.objects.of(server)),
)
TOO_LATE = "It was called off, or its time has come. Nothing was done."


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def server_deletion(request: ServerRequest, server: Server) -> HttpResponse:
    stands = STANDS.ask(server=server.pk)
    delay, running = stands["delay"], _open(server) if stands["is_ordered"] else None
    if running and request.method != "POST":
        return _review(request, server, stands, deletion=running)
    confirmation = asked(request, Action.SERVER_DELETION_ORDERED, str(delay))
    form = ServerDeletionForm(request.POST or None, server=server, confirmation=confirmation)
    if not is_spent(request, form, Action.SERVER_DELETION_ORDERED, str(delay)):
        return _review(request, server, stands, form=form, deletion=running)
    with answering(request, {AlreadyInForce: "The deletion of this server is ordered already."}):
        at_once = form.cleaned_data["at_once"]
        actions.order_server_deletion(server, at_once=at_once, by=request.authority)
        messages.success(request, "The deletion is ordered. Nobody can read or write there now.")
    return redirect("server-deletion", server.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def server_deletion_agreement(request: ServerRequest, server: Server) -> HttpResponse:
    deletion = ServerDeletion.objects.waiting().filter(server=server).first()
    proposal = waiting_for_second(deletion).first() if deletion else None
    if deletion is None or proposal is None or proposal.proposed_by_id == request.user.pk:
        return redirect("server-deletion", server.pk)
    confirmation = asked(request, Action.SERVER_DELETION_AGREED, str(deletion.pk))
    form = EndingForm(request.POST or None, server=server, confirmation=confirmation)
    if not is_spent(request, form, Action.SERVER_DELETION_AGREED, str(deletion.pk)):
        context = {"server": server, "deletion": deletion, "proposal": proposal, "form": form}
        return render(request, "lifecycle/server_deletion_agreement.html", context)
    with answering(request, {(NotOpen, NothingToLift): TOO_LATE}):
        actions.agree_to_server_deletion(deletion, by=request.authority)
        messages.success(request, "You have agreed to the deletion of this server.")
    return redirect("server-deletion", server.pk)


@require_POST
@administrators_only
def server_deletion_calling_off(request: ServerRequest, server: Server) -> HttpResponse:
    with answering(request, {NothingToLift: "There is no deletion that can still be called off."}):
        actions.call_off_server_deletion(server, by=request.authority)
        messages.success(request, "The deletion is called off. The server is as it was.")
    return redirect("settings", server.pk)


@require_safe
@administrators_even_after
def server_deletion_progress(request: ServerRequest, server: Server) -> JsonResponse:
    deletion = get_object_or_404(watched(ServerDeletion.objects.open()), server=server)
    told, _ = progress.tell(deletion, Mark.carried_by(request.GET))
    return JsonResponse(asdict(told))


@require_safe
@administrators_even_after
def server_receipt(request: ServerRequest, server: Server) -> HttpResponse:
    receipt = get_object_or_404(ServerReceipt, deletion__server=server)
    context = {"server": server, "receipt": receipt, "deletion": receipt.deletion}
    return render(request, "lifecycle/server_receipt.html", context)


@require_safe
@administrators_even_after
def server_receipt_document(request: ServerRequest, server: Server) -> HttpResponse:
    """The text as it was hashed, byte for byte."""
    receipt = get_object_or_404(ServerReceipt, deletion__server=server)
    response = HttpResponse(receipt.document, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="receipt-{server.pk}.json"'
    return response


def _open(server: Server) -> ServerDeletion | None:
    return watched(ServerDeletion.objects.open()).filter(server=server).first()


def _review(
    request: ServerRequest,
    server: Server,
    stands: dict[str, Any],
    *,
    form: ServerDeletionForm | None = None,
    deletion: ServerDeletion | None = None,
) -> HttpResponse:
    since = Mark.carried_by(request.GET)
    is_due = deletion is not None and deletion.is_due
    told, look = progress.tell(deletion, since) if is_due else (None, None)
    context = {
        "told": told,
        "mark": since or look,
        "server": server,
        **stands,
        "form": None if deletion else form,
        "deletion": deletion,
        "proposal": waiting_for_second(deletion).first() if deletion and not is_due else None,
        "figures": counted(server.pk),
        "is_owner": request.authority.capacity == Capacity.OWNER,
    }
    return render(request, "lifecycle/server_deletion.html", context)
