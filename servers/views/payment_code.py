"""Stopping to pay, for the day on which nobody can sign in any more.

A purchase's payment code is shown once, after paying, until the buyer says that it is kept. Whoever
holds it can say that nothing more is to be paid; it opens nothing and changes no server.
"""

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.recovery_forms import TypedCodeField
from accounts.stepup import fresh_factor
from enigm_command.lib import throttle
from enigm_command.lib.http import network, public
from servers.edge import SignedInRequest
from servers.models.purchase import PAYMENT_CODE, Purchase

SHOWN = "payment_code"  # purchase and code, until the code is said to be kept


class PaymentCodeForm(forms.Form):
    """The code from the paper."""

    code = TypedCodeField(PAYMENT_CODE)


@public
@require_http_methods(["GET", "HEAD", "POST"])
def stop_paying(request: HttpRequest) -> HttpResponse:
    form = PaymentCodeForm(request.POST or None)
    if not form.is_valid():
        return render(request, "servers/stop_paying.html", {"form": form})
    throttle.hit("recover", network(request))
    Purchase.objects.stop(form.cleaned_data["code"])
    return render(request, "servers/paying_stopped.html")


@require_POST
@fresh_factor
def payment_code(request: SignedInRequest, purchase_id: UUID) -> HttpResponse:
    purchase = get_object_or_404(Purchase, pk=purchase_id, buyer=request.user)
    show_new_code(request, purchase)
    return redirect("creation", purchase.pk)


@require_POST
def payment_code_kept(request: SignedInRequest, purchase_id: UUID) -> HttpResponse:
    purchase = get_object_or_404(Purchase, pk=purchase_id, buyer=request.user)
    if code_shown(request, purchase):
        del request.session[SHOWN]
    return redirect("creation", purchase.pk)


def show_new_code(request: SignedInRequest, purchase: Purchase) -> None:
    """Give the purchase a payment code, for its buyer to read on the pages that follow."""
    if code := Purchase.objects.give_code(purchase):
        request.session[SHOWN] = [str(purchase.pk), code]


def code_shown(request: SignedInRequest, purchase: Purchase) -> str | None:
    """The code that its buyer has not said to have kept yet."""
    about, code = request.session.get(SHOWN) or ("", None)
    return code if about == str(purchase.pk) else None
