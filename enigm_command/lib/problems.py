"""Errors of the app API, as problem details (RFC 9457).

Whatever refuses a request raises a `Problem`; the API turns it into one JSON document. `code` is
for programs and never changes, `detail` is one sentence for the person who reads a trace. Neither
repeats what the request contained.
"""

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

CONTENT_TYPE = "application/problem+json"
Handler = Callable[[HttpRequest, Any], HttpResponse]


class Problem(Exception):
    """A request that is answered with an error and its reason."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, str | int] | None = None,  # members that this problem has besides
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})
        self.more = dict(more or {})


def answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The problem as a response; also usable where no API is around, as in a middleware."""
    document = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
        **problem.more,
    }
    return HttpResponse(
        json.dumps(document),
        status=problem.status,
        content_type=CONTENT_TYPE,
        headers=problem.headers,
    )


def of_status(status: int, headers: Mapping[str, str] | None = None) -> Problem:
    """The problem of an error of which no more is known than its status."""
    code = HTTPStatus(status).phrase.lower().replace(" ", "_")
    return Problem(status, code, SAID.get(status, "The request was refused."), headers=headers)


def install(api: NinjaAPI) -> None:
    """Answer every error of this API as a problem, those of the framework included."""
    handlers: dict[type[Exception], Handler] = {
        Problem: answer,
        HttpError: _http_error,
        Exception: _pass_on,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)
    for kind, problem in FRAMEWORK.items():
        api.add_exception_handler(kind, _always(problem))


SAID = {
    400: "The request could not be read.",
    404: "There is nothing here.",
    405: "This method does nothing here.",
    413: "That was more than is accepted here.",
    500: "Something went wrong on our side. The error has been noted.",
}
FRAMEWORK: dict[type[Exception], Problem] = {
    AuthenticationError: Problem(
        401, "unauthorized", "A valid app token is needed.", headers={"WWW-Authenticate": "Bearer"}
    ),
    Http404: of_status(404),
    RequestDataTooBig: of_status(413),
    ValidationError: Problem(422, "invalid_request", "The request is not of the documented form."),
}


def _always(problem: Problem) -> Handler:
    return lambda request, error: answer(request, problem)


def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """The framework hides why a body could not be read behind an error of its own."""
    if isinstance(error.__cause__, Problem):
        return answer(request, error.__cause__)
    return answer(request, Problem(error.status_code, "refused", str(error)))


def _pass_on(request: HttpRequest, error: Exception) -> HttpResponse:
    """To the edge, which notes and answers it. In development the framework would show a trace."""
    raise error
