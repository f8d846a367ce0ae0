"""What a buyer sees between paying and having a server: read from rows, never waited for."""

from dataclasses import asdict
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from lifecycle.creation import secured_by, tell
from servers.edge import SignedInRequest
from servers.models.procurement import Procurement
from servers.models.purchase import Purchase
from servers.purchase.providers import notice_of
from servers.views.payment_code import code_shown


@require_safe
def creation(request: SignedInRequest, purchase_id: UUID) -> HttpResponse:
    purchase = _own(request, purchase_id)
    if purchase.state == Purchase.State.AWAITING_PAYMENT:
        return redirect("pay", purchase.pk)
    if purchase.state == Purchase.State.AWAITING_APPROVAL:
        return redirect("procurement", purchase.pk)
    if not purchase.is_secured:
        return _ended(request, purchase)
    context = {
        "purchase": purchase,
        "notice": notice_of(purchase),
        "secured_by": secured_by(purchase),
        "payment_code": code_shown(request, purchase),
        "secured_at": purchase.paid_at or purchase.subscription.begun_at,
    }
    if purchase.server:
        link = settings.SITE_URL + reverse("join", args=[purchase.server.locator])
        return render(
            request, "lifecycle/created.html", {**context, "server": purchase.server, "link": link}
        )
    return render(request, "lifecycle/creation.html", {**context, "told": tell(purchase)})


@require_safe
def creation_progress(request: SignedInRequest, purchase_id: UUID) -> JsonResponse:
    return JsonResponse(asdict(tell(_own(request, purchase_id))))


def _ended(request: SignedInRequest, purchase: Purchase) -> HttpResponse:
    context = {
        "purchase": purchase,
        "procurement": Procurement.objects.filter(purchase=purchase).first(),
        "refund": purchase.refunds.order_by("owed_at").last(),
    }
    return render(request, "lifecycle/not_paid.html", context)


def _own(request: SignedInRequest, purchase_id: UUID) -> Purchase:
    return get_object_or_404(
        Purchase.objects.select_related("server"), pk=purchase_id, buyer=request.user
    )
