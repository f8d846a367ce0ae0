"""Pages that are open to everyone. None of them looks anything up."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from content.lifetimes import LONGEST
from enigm_command.lib.drawing import fading_bars
from enigm_command.lib.http import public, secret_address
from enigm_command.lib.locator import Mistyped, parse
from lifecycle.models import Reason

# The picture on the front page: an ordinary month, drawn by hand.
DAYS = "62 48 51 40 54 71 66 58 44 39 47 60 74 68 52 41 36 45 57 63 49 38 33 42 50 46 35 31 37 34"
MONTH = [int(day) for day in DAYS.split()]


@public
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What a private server is, and the ways in."""
    return render(request, "public/home.html", {"bars": fading_bars(MONTH)})


@public
@secret_address
@require_safe
def join(request: HttpRequest, locator: str) -> HttpResponse:
    """The same page for every Server ID: it must not tell whether there is such a server."""
    try:
        locator = parse(locator)
    except Mistyped as mistake:
        return render(request, "public/join_mistyped.html", {"mistake": mistake}, status=404)
    link = settings.SITE_URL + reverse("join", args=[locator])
    return render(request, "public/join.html", {"locator": locator, "link": link})


@public
@require_safe
def what_admins_see(request: HttpRequest) -> HttpResponse:
    """Who can see what, row by row."""
    return render(request, "public/what_admins_see.html")


@public
@require_safe
def limits(request: HttpRequest) -> HttpResponse:
    """Everything the product does not do or cannot promise."""
    return render(request, "public/limits.html")


@public
@require_safe
def get(request: HttpRequest) -> HttpResponse:
    """Where the Enigm App is to be had, as far as this installation was told."""
    return render(request, "public/get.html", {"addresses": settings.APP_ADDRESSES.items()})


@public
@require_safe
def report_abuse(request: HttpRequest) -> HttpResponse:
    """Whom to write to about a server, and what they can and cannot do about it."""
    context = {"contact": settings.PUBLIC_CONTACT, "reasons": Reason.labels, "longest": LONGEST}
    return render(request, "public/report_abuse.html", context)


@public
@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Where to report a weakness (RFC 9116); good for a month, then to be read anew."""
    expires = (timezone.now() + timedelta(days=30)).replace(microsecond=0)
    lines = {
        "Contact": settings.SECURITY_CONTACT,
        "Expires": expires.isoformat(),
        "Preferred-Languages": "en",
        "Canonical": settings.SITE_URL + request.path,
    }
    text = "".join(f"{name}: {value}\n" for name, value in lines.items())
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
