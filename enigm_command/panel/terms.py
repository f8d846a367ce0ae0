"""On what terms a server is run and paid for: the words that owners accept, and what follows."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from content.lifetimes import LONGEST
from enigm_command.lib.http import public
from lifecycle.models import Reason
from lifecycle.models.retirement import NOTICE
from servers.purchase import consequences
from servers.purchase.terms import TEXT, VERSION


@public
@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    """What is accepted and what paying changes, from where the program itself has it."""
    context = {
        "text": TEXT,
        "version": VERSION,
        "reasons": Reason.labels,
        "consequences": consequences.rows(),
        "notice": NOTICE,
        "longest": LONGEST,
        "contact": settings.PUBLIC_CONTACT,
    }
    return render(request, "public/terms.html", context)
