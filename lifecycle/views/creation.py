"""What a buyer sees between paying and having a server: read from rows, never waited for."""

from uuid import UUID

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from lifecycle.creation import progress
from servers.edge import SignedInRequest
from servers.models.purchase import Purchase
from servers.purchase.providers import notice_of
from servers.views.payment_code import code_shown


@require_safe
def creation(request: SignedInRequest, purchase_id: UUID) -> HttpResponse:
    purchase = _own(request, purchase_id)
    if purchase.state == Purchase.State.AWAITING_PAYMENT:
        return redirect("pay", purchase.pk)
    if not purchase.is_paid:
        return render(request, "lifecycle/not_paid.html", {"purchase": purchase})
    context = {
        "purchase": purchase,
        "notice": notice_of(purchase),
        "payment_code": code_shown(request, purchase),
    }
    if purchase.server:
        link = settings.SITE_URL + reverse("join", args=[purchase.server.locator])
        return render(
            request, "lifecycle/created.html", {**context, "server": purchase.server, "link": link}
        )
    return render(request, "lifecycle/creation.html", {**context, "progress": progress(purchase)})


@require_safe
def creation_progress(request: SignedInRequest, purchase_id: UUID) -> JsonResponse:
    now = progress(_own(request, purchase_id))
    return JsonResponse(
        {"done": now.done, "total": now.total, "text": now.text, "finished": now.is_finished}
    )


def _own(request: SignedInRequest, purchase_id: UUID) -> Purchase:
    return get_object_or_404(
        Purchase.objects.select_related("server"), pk=purchase_id, buyer=request.user
    )
