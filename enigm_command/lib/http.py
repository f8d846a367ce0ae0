"""Small things about requests that every app needs."""

from collections.abc import Callable, Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

View = TypeVar("View", bound=Callable[..., Any])


def public(view: View) -> View:
    """Mark a view that is open without signing in. Every other view is closed by default."""
    view.public = True  # type: ignore[attr-defined]
    return view


def secret_address(view: View) -> View:
    """Mark a view whose address is a secret or a name: no browser passes it on, not even to us."""
    view.secret_address = True  # type: ignore[attr-defined]
    return view


def is_api(request: HttpRequest) -> bool:
    """Whether a program asks, in the app API."""
    return request.path_info.startswith("/api/")


def wants_json(request: HttpRequest) -> bool:
    """Whether a program asks: the app, or a script on one of our pages."""
    wanted = request.get_preferred_type(["text/html", "application/json"])
    return is_api(request) or wanted == "application/json"


def safe_next(request: HttpRequest, default: str) -> str:
    """Where to go after signing in: the page that was asked for, if it is one of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_path = wanted.startswith("/")  # a bare word would be taken for the name of a route
    return wanted if is_path and url_has_allowed_host_and_scheme(wanted, None) else default


def network(request: HttpRequest) -> str:
    """Where a request comes from, no finer than it takes to count tries: a /24, or a /48 in IPv6.

    Behind proxies it is the address that the outermost trusted one saw: whatever stands to the
    left of it in X-Forwarded-For, anybody may have written.
    """
    address = _address(request)
    if address is None:
        return "unknown"
    return str(ip_network(f"{address}/{24 if address.version == 4 else 48}", strict=False))


def comes_from(request: HttpRequest, networks: Collection[IPv4Network | IPv6Network]) -> bool:
    """Whether a request comes from one of these networks; of none at all, from anywhere."""
    address = _address(request)
    return not networks or any(address in network for network in networks if address)


def _address(request: HttpRequest) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(_peer(request).strip())
    except ValueError:  # a local socket, or a header that no proxy writes
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _peer(request: HttpRequest) -> str:
    hops: int = settings.TRUSTED_PROXIES
    seen = request.headers.get("X-Forwarded-For", "").split(",")
    peer: str = seen[-hops] if 0 < hops <= len(seen) else request.META.get("REMOTE_ADDR", "")
    return peer
