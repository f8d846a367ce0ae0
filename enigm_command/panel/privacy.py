"""What is kept about people, who sees it and until when, drawn from the register of records."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.sessions import LIMITS
from audit.erasure import KEPT
from content.lifetimes import LONGEST
from enigm_command.lib.http import public
from enigm_command.register import PARTS
from lifecycle.receipts import BACKUPS_KEPT
from servers.models.books import YEARS_KEPT


@public
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Every table that says something of somebody. No time on the page is typed a second time."""
    parts = [(part, [each for each in records if each.about_people]) for part, records in PARTS]
    context = {
        "parts": [(part, records) for part, records in parts if records],
        "contact": settings.PUBLIC_CONTACT,
        "longest": LONGEST,
        "session": LIMITS.absolute,
        "named": KEPT,
        "backups": BACKUPS_KEPT,
        "books": YEARS_KEPT,
    }
    return render(request, "public/privacy.html", context)
