"""Security headers on every answer, errors included."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from .http import is_api

PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
)
# The host, and of the address nothing. `no-referrer` would hide too much: a browser then sends a
# page's own form as from nowhere (Fetch, "append a request Origin header"), and it is refused.
HOST_ALONE = "strict-origin"


class SecurityHeaders:
    """The headers that Django's own middleware does not send. Among the first, so it sees all."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers["Reporting-Endpoints"] = f'{settings.REPORT_GROUP}="{settings.REPORT_URL}"'
        if is_api(request):
            response.headers.setdefault("Cache-Control", "no-store")
        if getattr(_view_of(request), "secret_address", False):
            response.headers["Referrer-Policy"] = HOST_ALONE
        return response


def _view_of(request: HttpRequest) -> object:
    return request.resolver_match and request.resolver_match.func
