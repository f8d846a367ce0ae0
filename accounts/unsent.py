"""A form that came too late: kept while the person proves who they are, then handed back.

One that came without a fresh factor lies in the session, which is sealed; one at a time, for five
minutes, and only for the browser that was sent to confirm it. One that came when the session was
over has none to lie in: the page that asks to sign in carries it, signed, and the session that
begins there takes it over, be it opened by a recovery code. What a person proves themselves with is
not kept, nor are files.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from enigm_command.lib import clock

UNSENT = "unsent"  # the form that this session keeps
KEPT = timedelta(minutes=5)
CARRIED = timedelta(minutes=30)  # by the page that asks to sign in
SALT = "accounts.unsent"
MOST = 16 * 1024  # characters, names and values together
TOO_LONG = "What you filled in was too long to keep. Nothing has happened: send it once more."
SECRET = re.compile("csrf|pass|code|secret|token|seed", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class UnsentForm:
    """What was posted, and where to. Whether it was refused there for want of a fresh factor."""

    to: str
    fields: list[tuple[str, str]]
    lacked_factor: bool


def keep(request: HttpRequest) -> HttpResponse:
    """Lead to the page that asks for a factor, and keep what was posted, if anything was."""
    if request.method in ("GET", "HEAD"):
        return _ask(next=request.get_full_path())
    fields = _posted(request)
    if _is_too_long(fields):
        messages.warning(request, TOO_LONG)
        return _ask()
    return redirect(_store(request, request.get_full_path(), fields, lacked_factor=True))


def kept(request: HttpRequest) -> UnsentForm | None:
    """The form that this very browser was asked to confirm, for as long as it is kept."""
    form = request.session.get(UNSENT)
    if form is None or form["key"] != request.GET.get("kept"):
        return None
    if clock.now() - datetime.fromisoformat(form["at"]) > KEPT:
        forget(request)
        return None
    return UnsentForm(form["to"], form["fields"], form["lacked_factor"])


def forget(request: HttpRequest) -> None:
    """It was sent, or is over."""
    if UNSENT in request.session:
        del request.session[UNSENT]


def carried(request: HttpRequest) -> str:
    """What was posted by somebody who is not signed in any more, for the page that asks them to.

    Empty when there is nothing to keep, or too much.
    """
    fields = _posted(request)
    if not fields or _is_too_long(fields):
        return ""
    said = {"at": clock.now().isoformat(), "to": request.get_full_path(), "fields": fields}
    return signing.dumps(said, salt=SALT, compress=True)


def take_over(request: HttpRequest, text: str) -> str:
    """Keep what the sign-in page carried in the session that begins, and say where it is handed
    back; empty for what we did not sign, or too long ago."""
    try:
        said: dict[str, Any] = signing.loads(text, salt=SALT)
    except signing.BadSignature:
        return ""
    if clock.now() - datetime.fromisoformat(said["at"]) > CARRIED:
        return ""
    return _store(request, said["to"], said["fields"], lacked_factor=False)


def _store(
    request: HttpRequest, to: str, fields: list[tuple[str, str]], *, lacked_factor: bool
) -> str:
    """Put it into the session. The address under which alone it is handed back."""
    key, at = uuid4().hex, clock.now().isoformat()
    said = {"key": key, "at": at, "to": to, "fields": fields, "lacked_factor": lacked_factor}
    request.session[UNSENT] = said
    return _address(kept=key)


def _ask(**query: str) -> HttpResponse:
    return redirect(_address(**query))


def _address(**query: str) -> str:
    return f"{reverse('confirm-you')}?{urlencode(query)}"


def _posted(request: HttpRequest) -> list[tuple[str, str]]:
    names = [name for name in request.POST if not SECRET.search(name)]
    return [(name, value) for name in names for value in request.POST.getlist(name)]


def _is_too_long(fields: list[tuple[str, str]]) -> bool:
    return sum(len(name) + len(value) for name, value in fields) > MOST
