"""What an owner pays: plan, next charge, invoices; changing the plan, and cancelling."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.stepup import fresh_factor
from audit.authority import Authority
from servers.edge import SignedInRequest, authority_of
from servers.forms import PlanChangeForm
from servers.models import Administrator, Server, Standing
from servers.models.invoice import Invoice
from servers.models.subscription import Subscription
from servers.purchase import actions, consequences, pricing
from servers.purchase.providers import PORTALS, Unreachable, by_name


@require_safe
def billing(request: SignedInRequest) -> HttpResponse:
    paid = Subscription.objects.of(request.user).select_related("plan", "purchase__server")
    rows = [(row, _cost_of(row)) for row in paid.order_by("begun_at")]
    return render(request, "servers/billing.html", {"rows": rows})


@require_safe
def subscription(request: SignedInRequest, subscription_id: UUID) -> HttpResponse:
    paid = _own(request, subscription_id)
    context = {
        "subscription": paid,
        "server": paid.purchase.server,
        "cost": _cost_of(paid),
        "consequences": consequences.of(paid),
        "invoices": [(row, _total_of(row)) for row in paid.invoices.order_by("-number")],
        "has_portal": paid.purchase.provider in PORTALS,
    }
    return render(request, "servers/subscription.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@fresh_factor
def plan_change(request: SignedInRequest, subscription_id: UUID) -> HttpResponse:
    paid = _own(request, subscription_id)
    form = PlanChangeForm(request.POST or None, initial={"plan": paid.plan, "seats": paid.seats})
    price = form.quote
    if "update" in request.POST or not (form.is_valid() and price):
        context = {"subscription": paid, "form": form, "quote": price, "cost": _cost_of(paid)}
        return render(request, "servers/plan_change.html", context)
    server, payer = _payer(request, paid)
    try:
        actions.change_plan(server, paid, price, by=payer)
    except actions.NotPossible:
        messages.warning(request, "The plan cannot be changed at present.")
    else:
        messages.success(request, f"From the next charge on you pay {price.total} a month.")
    return redirect("subscription", paid.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@fresh_factor
def cancellation(request: SignedInRequest, subscription_id: UUID) -> HttpResponse:
    paid = _own(request, subscription_id)
    server, payer = _payer(request, paid)
    if request.method != "POST":
        context = {"subscription": paid, "server": server, "rows": consequences.rows()}
        return render(request, "servers/cancellation.html", context)
    try:
        actions.cancel_subscription(server, paid, by=payer)
    except actions.NotPossible:
        messages.warning(request, "This subscription was cancelled before.")
    else:
        messages.success(request, "The subscription is cancelled. Nothing more is charged.")
    return redirect("subscription", paid.pk)


@require_POST
@fresh_factor
def portal(request: SignedInRequest, subscription_id: UUID) -> HttpResponse:
    paid = _own(request, subscription_id)
    try:
        door = by_name(paid.purchase.provider).portal(paid)
    except Unreachable:
        return render(request, "servers/portal.html", {"subscription": paid}, status=503)
    return render(request, "servers/portal.html", {"subscription": paid, "door": door})


@require_safe
def invoice(request: SignedInRequest, invoice_id: UUID) -> HttpResponse:
    issued = Invoice.objects.of(request.user).select_related("subscription__purchase__procurement")
    found = get_object_or_404(issued, pk=invoice_id)
    context = {
        "invoice": found,
        "net": pricing.money(found.net_cents, found.currency),
        "tax": pricing.money(found.tax_cents, found.currency),
        "total": _total_of(found),
        "refunded": pricing.money(found.refunded_cents, found.currency),
        "seller": settings.INVOICE_SELLER.split("|"),
        "bank": settings.INVOICE_BANK.split("|"),
        "procurement": getattr(found.subscription.purchase, "procurement", None),
    }
    return render(request, "servers/invoice.html", context)


def _own(request: SignedInRequest, subscription_id: UUID) -> Subscription:
    paid = Subscription.objects.of(request.user).select_related("plan", "purchase__server")
    return get_object_or_404(paid, pk=subscription_id)


def _payer(request: SignedInRequest, paid: Subscription) -> tuple[Server, Authority]:
    """The server that is paid for, as long as there is one, and its owner's power over it."""
    powers = Administrator.objects.select_related("server")
    power = get_object_or_404(
        powers.exclude(server__standing=Standing.DELETED),
        server=paid.purchase.server_id,
        account=request.user,
    )
    return power.server, authority_of(power, request.user.username)


def _cost_of(paid: Subscription) -> str:
    return pricing.money(paid.total_cents, paid.currency)


def _total_of(issued: Invoice) -> str:
    return pricing.money(issued.total_cents, issued.currency)
