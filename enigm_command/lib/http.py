"""Small things about requests that every app needs."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

View = TypeVar("View", bound=Callable[..., Any])


def public(view: View) -> View:
    """Mark a view that is open without signing in. Every other view is closed by default."""
    view.public = True  # type: ignore[attr-defined]
    return view


def safe_next(request: HttpRequest, default: str) -> str:
    """Where to go after signing in: the page that was asked for, if it is one of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours else default
