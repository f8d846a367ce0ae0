"""Buying by purchase order and invoice: hand in a draft, and see how it fares."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from servers.edge import SignedInRequest
from servers.forms import ProcurementForm
from servers.models.procurement import Procurement
from servers.models.purchase import Purchase
from servers.purchase import pricing
from servers.purchase.checkout import hand_in
from servers.purchase.providers import by_name

REQUESTABLE = (Purchase.State.DRAFT, Purchase.State.AWAITING_APPROVAL)


@require_http_methods(["GET", "HEAD", "POST"])
def procurement(request: SignedInRequest, purchase_id: UUID) -> HttpResponse:
    own = Purchase.objects.of(request.user).select_related("plan")
    purchase = get_object_or_404(own, pk=purchase_id)
    if purchase.state not in REQUESTABLE:
        return redirect("creation", purchase.pk)
    form = ProcurementForm(request.POST or None)
    if purchase.state == Purchase.State.AWAITING_APPROVAL or not form.is_valid():
        return _page(request, purchase, form)
    if hand_in(purchase, by_name("invoice"), **form.cleaned_data):
        messages.success(request, "Your request is handed in.")
    return redirect("procurement", purchase.pk)


def _page(request: SignedInRequest, purchase: Purchase, form: ProcurementForm) -> HttpResponse:
    total = (
        pricing.money(purchase.total_cents, purchase.currency) if purchase.plan.is_priced else ""
    )
    context = {
        "purchase": purchase,
        "total": total,
        "form": form,
        "handed_in": Procurement.objects.filter(purchase=purchase).first(),
        "contact": settings.SALES_CONTACT,
    }
    return render(request, "servers/procurement.html", context)
