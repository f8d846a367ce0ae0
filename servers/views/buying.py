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
from servers.purchase import consequences, pricing, terms
from servers.purchase.checkout import place
from servers.purchase.providers import Provider, Unreachable, by_name, current, for_plan
from servers.views.payment_code import show_new_code

NO_ANSWER = (
    "The payment provider does not answer at the moment. Nothing was bought. Try again soon."
)


@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: SignedInRequest, plan: str = "") -> HttpResponse:
    provider = current()
    if provider is None:
        return _not_selling(request)
    if request.method != "POST":
        return _choosing(request, CheckoutForm.fresh(plan), provider)
    form = CheckoutForm(request.POST)
    if "update" in request.POST:
        return _choosing(request, form.for_the_total(), provider)
    if not form.is_valid():
        return _choosing(request, form, provider)
    return _placing(request, form, provider)


@require_http_methods(["GET", "HEAD", "POST"])
def pay(request: SignedInRequest, purchase_id: UUID) -> HttpResponse:
    own = Purchase.objects.of(request.user).select_related("plan")
    purchase = get_object_or_404(own, pk=purchase_id)
    if purchase.state != Purchase.State.AWAITING_PAYMENT:
        return redirect("creation", purchase.pk)
    provider = by_name(purchase.provider)
    if request.method == "POST":
        provider.pay(purchase)
        show_new_code(request, purchase)
        return redirect("creation", purchase.pk)
    return _paying(request, purchase, provider)


def _not_selling(request: SignedInRequest) -> HttpResponse:
    return render(request, "servers/not_selling.html", status=503)


def _placing(request: SignedInRequest, form: CheckoutForm, usual: Provider) -> HttpResponse:
    provider = for_plan(form.choices.plan, usual)
    try:
        purchase = place(
            request.user, form.choices, key=form.cleaned_data["key"], provider=provider
        )
    except Unreachable:
        form.add_error(None, NO_ANSWER)
        return _choosing(request, form, usual, status=503)
    return redirect("procurement" if provider.by_request else "pay", purchase.pk)


def _paying(request: SignedInRequest, purchase: Purchase, provider: Provider) -> HttpResponse:
    context = {
        "purchase": purchase,
        "provider": provider,
        "tax": pricing.money(purchase.tax_cents, purchase.currency),
        "total": pricing.money(purchase.total_cents, purchase.currency),
    }
    try:
        context["door"] = provider.door(purchase)
    except Unreachable:
        return render(request, "servers/pay.html", {**context, "no_answer": True}, status=503)
    return render(request, "servers/pay.html", context)


def _choosing(
    request: SignedInRequest, form: CheckoutForm, provider: Provider, *, status: int = 200
) -> HttpResponse:
    chosen = form.chosen
    plan, region = chosen.get("plan"), chosen.get("region")
    context = {
        "form": form,
        "provider": for_plan(plan, provider) if plan else provider,
        "plan": plan,
        "seats": chosen.get("seats"),
        "quote": form.quote,
        "region": Region(region).label if region else "",
        "terms": terms.TEXT,
        "consequences": consequences.rows(),
        "contact": settings.SALES_CONTACT,
    }
    return render(request, "servers/checkout.html", context, status=status)
