"""Buying a server: one page to choose, one to pay. No price is ever taken from a form."""

from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from servers.edge import SignedInRequest
from servers.forms import CheckoutForm
from servers.models import Region
from servers.models.purchase import Purchase
from servers.purchase import pricing, terms
from servers.purchase.checkout import place
from servers.purchase.providers import Provider, current
from servers.views.payment_code import show_new_code


@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: SignedInRequest) -> HttpResponse:
    provider = current()
    if provider is None:
        return _not_selling(request)
    if request.method != "POST":
        return _choosing(request, CheckoutForm.fresh(), provider)
    form = CheckoutForm(request.POST)
    if "update" in request.POST:
        return _choosing(request, form.for_the_total(), provider)
    if not form.is_valid():
        return _choosing(request, form, provider)
    key = form.cleaned_data["key"]
    purchase = place(request.user, form.choices, key=key, provider=provider)
    return redirect("pay", purchase.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def pay(request: SignedInRequest, purchase_id: UUID) -> HttpResponse:
    own = Purchase.objects.filter(buyer=request.user).select_related("plan")
    purchase = get_object_or_404(own, pk=purchase_id)
    if purchase.state != Purchase.State.AWAITING_PAYMENT:
        return redirect("creation", purchase.pk)
    provider = current()
    if provider is None:
        return _not_selling(request)
    if request.method == "POST":
        provider.pay(purchase)
        show_new_code(request, purchase)
        return redirect("creation", purchase.pk)
    return _paying(request, purchase, provider)


def _not_selling(request: SignedInRequest) -> HttpResponse:
    return render(request, "servers/not_selling.html", status=503)


def _paying(request: SignedInRequest, purchase: Purchase, provider: Provider) -> HttpResponse:
    tax = provider.tax(purchase.total_cents - purchase.tax_cents)
    context = {
        "purchase": purchase,
        "provider": provider,
        "tax_label": tax.label,
        "tax": pricing.money(purchase.tax_cents, purchase.currency),
        "total": pricing.money(purchase.total_cents, purchase.currency),
    }
    return render(request, "servers/pay.html", context)


def _choosing(request: SignedInRequest, form: CheckoutForm, provider: Provider) -> HttpResponse:
    chosen = form.chosen
    plan, seats, region = chosen.get("plan"), chosen.get("seats"), chosen.get("region")
    return render(
        request,
        "servers/checkout.html",
        {
            "form": form,
            "provider": provider,
            "quote": pricing.quote(plan, seats, tax=provider.tax) if plan and seats else None,
            "region": Region(region).label if region else "",
            "terms": terms.TEXT,
            "contact": settings.SALES_CONTACT,
        },
    )
