"""A form that came without a fresh factor: kept while the person proves one, then handed back.

It lies in the session, which is sealed; one at a time, for five minutes, and only for the browser
that was sent to confirm it. What a person proves themselves with is not kept, nor are files.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from enigm_command.lib import clock

UNSENT = "unsent"  # the form that this session keeps
KEPT = timedelta(minutes=5)
MOST = 16 * 1024  # characters, names and values together
TOO_LONG = "What you filled in was too long to keep. Nothing has happened: send it once more."
SECRET = re.compile("csrf|pass|code|secret|token|seed", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class UnsentForm:
    """What was posted, and where to."""

    to: str
    fields: list[tuple[str, str]]


def keep(request: HttpRequest) -> HttpResponse:
    """Lead to the page that asks for a factor, and keep what was posted, if anything was."""
    if request.method in ("GET", "HEAD"):
        return _ask(next=request.get_full_path())
    fields = [pair for pair in _posted(request) if not SECRET.search(pair[0])]
    if sum(len(name) + len(value) for name, value in fields) > MOST:
        messages.warning(request, TOO_LONG)
        return _ask()
    key = uuid4().hex
    said = {"key": key, "at": clock.now().isoformat(), "to": request.get_full_path()}
    request.session[UNSENT] = {**said, "fields": fields}
    return _ask(kept=key)


def kept(request: HttpRequest) -> UnsentForm | None:
    """The form that this very browser was asked to confirm, for as long as it is kept."""
    form = request.session.get(UNSENT)
    if form is None or form["key"] != request.GET.get("kept"):
        return None
    if clock.now() - datetime.fromisoformat(form["at"]) > KEPT:
        forget(request)
        return None
    return UnsentForm(form["to"], form["fields"])


def forget(request: HttpRequest) -> None:
    """It was sent, or is over."""
    if UNSENT in request.session:
        del request.session[UNSENT]


def _ask(**query: str) -> HttpResponse:
    return redirect(f"{reverse('confirm-you')}?{urlencode(query)}")


def _posted(request: HttpRequest) -> list[tuple[str, str]]:
    return [(name, value) for name in request.POST for value in request.POST.getlist(name)]
