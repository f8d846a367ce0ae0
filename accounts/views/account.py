"""The account page of the person who is signed in."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import NewAddress


@require_safe
def account(request):
    awaited = NewAddress.objects.awaited().filter(account=request.user).first()
    return render(request, "accounts/account.html", {"awaited": awaited})
