"""Errors as whoever asked can read them: a page for people, a problem for programs."""

import logging
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import select_template

from . import problems
from .http import is_api, wants_json
from .problems import Problem

UNAVAILABLE = Problem(
    503,
    "unavailable",
    "The service cannot reach its database. Try again in a moment.",
    headers={"Retry-After": "30"},
)
KEPT = ("Allow", "Retry-After", "WWW-Authenticate")  # of an answer that is written anew

log = logging.getLogger(__name__)


def answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The problem for programs, or its page: `403_code.html` if there is one, else `403.html`."""
    if wants_json(request):
        return problems.answer(request, problem)
    page = select_template([f"{problem.status}_{problem.code}.html", f"{problem.status}.html"])
    text = page.render({"problem": problem, "path": request.path})
    return HttpResponse(text, status=problem.status, headers=problem.headers)


def answer_to(request: HttpRequest, error: BaseException | None) -> HttpResponse | None:
    """The answer to an error that is none of ours to mend; None for a bug."""
    if isinstance(error, Problem):
        return answer(request, error)
    if isinstance(error, OperationalError | InterfaceError):
        state = getattr(error.__cause__, "sqlstate", None) or "no connection"
        log.error("the database did not answer: %s (%s)", type(error).__name__, state)
        return answer(request, UNAVAILABLE)
    return None


def failed(request: HttpRequest) -> HttpResponse:
    """Django's last resort (`handler500`), while the error is still at hand."""
    return answer_to(request, sys.exc_info()[1]) or answer(request, problems.of_status(500))


def readable(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The same answer, unless it is an error that says nothing to whoever asked."""
    has_no_page = response.status_code == 405 and not response.content
    is_no_problem = response.headers.get("Content-Type") != problems.CONTENT_TYPE
    if has_no_page or (is_api(request) and response.status_code >= 400 and is_no_problem):
        kept = {name: response.headers[name] for name in KEPT if name in response.headers}
        return answer(request, problems.of_status(response.status_code, kept))
    return response
