"""What every answer carries, whatever it is: a page, an error, a redirect, a file or the API's."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as project
from django.db import OperationalError, ProgrammingError, connection
from django.test import Client
from django.urls import reverse

from accounts.middleware import SignedInByDefault
from enigm_command.lib import locator, throttle
from enigm_command.lib.throttle import Limit
from tests.app import App
from tests.browser import Browser
from tests.factories import AccountFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R30")]

ALWAYS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": re.compile(r"camera=\(\), .*geolocation=\(\), microphone=\(\)"),
    "Referrer-Policy": re.compile("same-origin|strict-origin"),
    "Reporting-Endpoints": 'content-policy="/content-policy-reports/"',
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
    "report-uri /content-policy-reports/",
    "report-to content-policy",
}


def failing_with(error: Exception) -> Any:
    """Every question to the database ends so."""

    def fail(execute: Any, sql: str, params: Any, many: bool, context: Any) -> None:
        raise error

    return connection.execute_wrapper(fail)


def visitor() -> Client:
    return Browser(raise_request_exception=False)


def get(path: str, **headers: str) -> Any:
    return visitor().get(path, headers=headers)


def in_a_broken_database(error: Exception, path: str, client: Client) -> Any:
    with failing_with(error):
        return client.get(path)


def too_often() -> Any:
    throttle.LIMITS["sign-in-network"] = Limit(1, throttle.HOUR)
    typed = {"username": "nobody", "password": "of no use at all"}
    return [visitor().post(reverse("sign-in"), typed) for _ in range(2)][1]


def phone() -> Client:
    app = App("uma")
    app.raise_request_exception = False
    return app


def signed_in() -> Client:
    return visitor().sign_in(AccountFactory())


SECRET = "/api/v1/join-requests/" + "A" * 43
BUG, AWAY = ProgrammingError("a bug"), OperationalError("away")
ANSWERS: dict[str, tuple[int, Callable[[], Any]]] = {
    "a public page": (200, lambda: get("/")),
    "a page of the signed in": (200, lambda: signed_in().get("/servers/")),
    "the way to the sign-in": (302, lambda: get("/servers/")),
    "a missing slash": (301, lambda: get("/sign-in")),
    "a request that cannot be read": (400, lambda: get("/", host="elsewhere.example")),
    "a form without its token": (
        403,
        lambda: Browser(enforce_csrf_checks=True).post(reverse("sign-in"), {}),
    ),
    "a request of another site": (403, lambda: get("/servers/", sec_fetch_site="cross-site")),
    "no page": (404, lambda: get("/nowhere/")),
    "an unknown method": (405, lambda: visitor().generic("BREW", "/")),
    "a form's address opened": (405, lambda: signed_in().get("/sign-out/")),
    "too large a form": (413, lambda: visitor().post("/sign-in/", {"username": "x" * 3_000_000})),
    "too many tries": (429, too_often),
    "a bug": (500, lambda: in_a_broken_database(BUG, "/servers/", signed_in())),
    "no database": (503, lambda: in_a_broken_database(AWAY, "/servers/", signed_in())),
    "alive": (200, lambda: get("/healthz")),
    "not ready": (503, lambda: in_a_broken_database(AWAY, "/readyz", visitor())),
    "a report": (400, lambda: visitor().post("/content-policy-reports/", {})),
    "API: description": (200, lambda: get("/api/v1/openapi.json")),
    "API: an answer": (200, lambda: phone().get(SECRET)),
    "API: nothing to say": (204, lambda: phone().delete(SECRET)),
    "API: no token": (401, lambda: get(SECRET)),
    "API: nothing there": (404, lambda: get("/api/v1/nowhere")),
    "API: another method": (405, lambda: phone().post(SECRET)),
    "API: an unknown method": (405, lambda: phone().generic("BREW", SECRET)),
    "API: an unreadable address": (422, lambda: phone().get("/api/v1/servers/EN-0/access")),
    "API: a bug": (500, lambda: in_a_broken_database(BUG, SECRET, phone())),
    "API: no database": (503, lambda: in_a_broken_database(AWAY, SECRET, phone())),
}


@pytest.fixture(autouse=True)
def own_limits(monkeypatch):
    monkeypatch.setattr(throttle, "LIMITS", dict(throttle.LIMITS))


def lacking(response: Any) -> set[str]:
    """Which headers of the table are missing or wrong."""
    return {
        name
        for name, wanted in ALWAYS.items()
        if not re.compile(wanted).match(response.headers.get(name, ""))
    }


@pytest.mark.parametrize("kind", ANSWERS)
def test_every_answer_carries_every_header(kind):
    status, ask = ANSWERS[kind]
    response = ask()
    assert response.status_code == status
    assert not lacking(response)
    assert set(response.headers["Content-Security-Policy"].split("; ")) == POLICY


@pytest.mark.parametrize("kind", [kind for kind in ANSWERS if kind.startswith("API")])
def test_no_answer_of_the_api_is_stored_or_opened_to_other_sites(kind):
    _, ask = ANSWERS[kind]
    response = ask()
    assert response.headers["Cache-Control"] == "no-store"
    assert not response.cookies
    assert not [name for name in response.headers if name.startswith("Access-Control-")]
    if response.status_code >= 400:
        assert response.headers["Content-Type"] == "application/problem+json"
        assert response.json()["status"] == response.status_code


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:8000"])
def test_no_other_site_is_let_read_anything(origin):
    for path in ("/", "/servers/", SECRET, "/api/v1/openapi.json"):
        answer = get(path, origin=origin)
        assert not [name for name in answer.headers if name.startswith("Access-Control-")]


def test_files_carry_them_too_and_may_be_stored(settings, tmp_path):
    (tmp_path / "app.css").write_text("p { color: red }")
    settings.STATIC_ROOT = str(tmp_path)
    response = Client().get("/static/app.css")
    assert response.status_code == 200
    assert not lacking(response)
    assert "Content-Security-Policy" in response.headers
    assert "Access-Control-Allow-Origin" not in response.headers
    assert "no-store" not in response.headers.get("Cache-Control", "")
    response.close()


def test_the_way_to_https_carries_them_and_leads_to_our_own_name(settings):
    settings.SECURE_SSL_REDIRECT, settings.SECURE_SSL_HOST = True, "command.example.org"
    response = get("/sign-in/?next=/account/", host="elsewhere.example")
    assert response.status_code == 301
    assert response.url == "https://command.example.org/sign-in/?next=/account/"
    assert not lacking(response)
    assert "Strict-Transport-Security" not in response.headers


def test_only_a_production_asks_browsers_to_stay_on_https(settings):
    assert "Strict-Transport-Security" not in Client().get("/", secure=True).headers
    settings.SECURE_HSTS_SECONDS = 63_072_000
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    sent = Client().get("/", secure=True).headers["Strict-Transport-Security"]
    assert sent == "max-age=63072000; includeSubDomains; preload"


def test_a_page_whose_address_names_a_server_is_passed_on_to_nobody():
    for typed in (locator.make(), "EN-0"):
        assert get(f"/j/{typed}/").headers["Referrer-Policy"] == "strict-origin"


def test_the_list_of_middleware_begins_with_what_adds_headers():
    """Whatever answers before them would answer without."""
    names = [name.rpartition(".")[2] for name in project.MIDDLEWARE]
    assert names[:4] == [
        "CSPMiddleware",
        "SecurityHeaders",
        "XFrameOptionsMiddleware",
        "SecurityMiddleware",
    ]
    assert names[-1] == SignedInByDefault.__name__
