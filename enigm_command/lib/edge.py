"""What is settled about a request before any page is asked, and how errors leave."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse

from . import problems, refusals
from .http import is_api
from .problems import Problem

METHODS = ("GET", "HEAD", "POST", "DELETE")
WITHOUT_COOKIES = ("/api/", settings.REPORT_URL)


class Edge:
    """Refuses what no page should have to think of, and gives every error its readable form."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            for check in CHECKS:
                check(request)
        except Problem as problem:
            return refusals.answer(request, problem)
        if _takes_no_cookies(request):
            request.COOKIES = {}
        return refusals.readable(request, self.get_response(request))

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The answer to an error that a view did not see to."""
        return refusals.answer_to(request, error)


def _known_method(request: HttpRequest) -> None:
    if request.method not in METHODS:
        raise problems.of_status(405, {"Allow": ", ".join(METHODS)})


def _known_host(request: HttpRequest) -> None:
    try:
        request.get_host()
    except DisallowedHost:
        raise Problem(400, "unknown_host", "Nothing is served under this host name.") from None


def _encrypted(request: HttpRequest) -> None:
    """Pages are redirected to https; a program that sent its token in the clear must notice."""
    if is_api(request) and settings.SECURE_SSL_REDIRECT and not request.is_secure():
        raise Problem(403, "https_needed", "This API answers over https only.")


def _from_our_pages(request: HttpRequest) -> None:
    """What another site makes a browser ask is refused, unless a person follows a link of theirs.

    Browsers say so in Fetch Metadata (W3C), which pages cannot forge; programs send none.
    """
    sent = request.headers.get
    if sent("Sec-Fetch-Site", "none") in ("same-origin", "none") or _takes_no_cookies(request):
        return
    follows_a_link = (sent("Sec-Fetch-Mode"), sent("Sec-Fetch-Dest")) == ("navigate", "document")
    if not follows_a_link or request.method not in ("GET", "HEAD"):
        raise Problem(403, "cross_site", "This request was made by another site.")


def _not_too_large(request: HttpRequest) -> None:
    """For pages; what the API takes in may be larger, and it says how large."""
    announced = request.headers.get("Content-Length", "")
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if not is_api(request) and announced.isdecimal() and int(announced) > most:
        raise problems.of_status(413)


def _takes_no_cookies(request: HttpRequest) -> bool:
    return request.path_info.startswith(WITHOUT_COOKIES)


CHECKS = (_known_method, _known_host, _encrypted, _from_our_pages, _not_too_large)
