"""Whatever is typed anywhere, nothing breaks. The fields are read off the pages themselves."""

import itertools
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import html5lib
import pytest
from django.test import Client
from django.urls import resolve, reverse

from tests.addresses import ROUTES, address, lone_address
from tests.app import App
from tests.browser import Browser
from tests.objects import sealed
from tests.test_access import API, FORMS, HIDDEN, PAGES, SELLING, develop, undone

__all__ = ["address", "lone_address"]

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R30")]

HOSTILE: dict[str, Any] = {
    "NUL": "a\0b",
    "direction": "\u202egnihton\u2066",
    "controls": "\x1b[2J\r\n\x07\u2028\x85",
    "not UTF-8": b"\xff\xfe\xed\xa0\x80",
    "digits": "9" * 5000,
    "a fraction": "-1e400",
    "braces": "{{7*7}}{%x%}${x}%s%(a)d' OR 1=1--",
}
PARAMETERS = ("after", "before", "next", "kept", "pick", "page", "kind", "actor", "q")
BROKEN = 500


@pytest.fixture
def browser(oren, settings):
    settings.DEBUG, settings.PAYMENT_PROVIDER = False, "test"
    client = Browser(raise_request_exception=False).sign_in(oren.warrant.account)
    client.request = super(Browser, client).request  # others proofread these pages
    return client


def fields_of(form: Any) -> dict[str, str]:
    """What a browser would send if nothing were typed."""
    fields = {}
    for field in (each for each in form.iter() if each.tag in ("input", "select", "textarea")):
        chosen = field.find(".//option[@selected]")
        source = field if chosen is None else chosen
        if name := field.get("name"):
            fields[name] = source.get("value", "")
    fields.pop("csrfmiddlewaretoken", None)
    return fields


def forms_on(page: Any, path: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    html = html5lib.parse(page.content.decode(), namespaceHTMLElements=False)
    for form in html.iter("form"):
        method = form.get("method", "get").lower()
        yield method, urljoin(path, form.get("action", path)), fields_of(form)


def tried(client: Any, method: str, path: str, fields: dict[str, Any], **more: Any) -> int:
    """The status; what was done is undone."""
    with undone(client):
        return getattr(client, method)(path, fields, **more).status_code


def test_no_field_of_any_form_breaks_anything(address, browser, settings):
    seen: list[tuple[str, str, dict[str, str]]] = []
    for route in (name for name in PAGES if PAGES[name][-1] != HIDDEN):
        develop(settings, route in SELLING)
        page = browser.get(path := address(route))
        if page.headers.get("Content-Type", "").startswith("text/html"):
            for form in forms_on(page, path):
                if form not in seen:  # one and the same stands on every page
                    seen.append(form)
                    try_every_field(browser, *form)


def try_every_field(browser: Browser, method: str, to: str, fields: dict[str, str]) -> None:
    one_by_one = [{**fields, name: HOSTILE["NUL"]} for name in fields]
    for sent in [*one_by_one, *(dict.fromkeys(fields, text) for text in HOSTILE.values())]:
        assert tried(browser, method, to, sent) < BROKEN, f"{method} {to}: {sent!r}"


def test_the_fields_that_are_tried_are_those_of_the_page(client):
    path = reverse("sign-up")
    found = list(forms_on(client.get(path), path))
    assert found == [("post", path, {"username": "", "password": "", "email": ""})]


def test_no_field_that_nobody_asked_for_breaks_anything(address, browser, settings):
    unasked = [HOSTILE[name] for name in ("NUL", "not UTF-8", "digits")]
    asked = [*((route, "get") for route in PAGES), *((route, "post") for route in FORMS)]
    for first, (route, method) in enumerate(asked):
        develop(settings, route in SELLING)
        path = address(route)
        texts = itertools.islice(itertools.cycle(unasked), first % len(unasked), None)
        sent = dict(zip(PARAMETERS, texts, strict=False))
        assert tried(browser, method, path, sent) < BROKEN, f"{method} {path} {sent!r}"


PLACES = [
    (route, name)
    for route, pattern in ROUTES.items()
    for name, converter in pattern.pattern.converters.items()
    if type(converter).__name__ == "StringConverter"
]


PARTS = ("%00", "%E2%80%AE", "%0D%0A", "%FF%FE", "9" * 3000, "~", "a.b:c")


@pytest.mark.parametrize(("route", "name"), PLACES)
def test_no_part_of_an_address_breaks_anything(route, name, lone_address, browser):
    there = resolve(lone_address(route)).kwargs
    path = reverse(route, kwargs={**there, name: "PLACE"})
    if route.startswith("app-api:"):
        client, methods = phone(), [API[route.removeprefix("app-api:")][0]]
    else:
        client, methods = browser, ["get", "post"]
    for method, text in itertools.product(methods, PARTS):
        assert tried(client, method, path.replace("PLACE", text), {}) < BROKEN, text


@pytest.mark.parametrize("field", ["server_id", "secret", "display_name", "note", "more"])
def test_no_text_in_json_breaks_the_api(server, field):
    for text in [text for text in HOSTILE.values() if isinstance(text, str)]:
        wish = {"server_id": server.locator, "secret": "A" * 43, field: text}
        asked = {"path": "/api/v1/join-requests", "content_type": "application/json"}
        assert tried(phone(), "post", fields=wish, **asked) < BROKEN, text


SAID = ("Enigm-Kind", "Enigm-Authored-At", "Enigm-Lifetime", "Idempotency-Key")


@pytest.mark.parametrize("name", SAID)
def test_no_header_breaks_the_api(server, uma, name):
    path = f"/api/v1/servers/{server.locator}/objects"
    for text in ("\x85\xa0", "\x7f\x01", "9" * 5000, "-1", "", "1e400"):
        said = {"Enigm-Kind": "message", "Enigm-Authored-At": "2026-01-01T00:00:00Z", name: text}
        kind = {"content_type": "application/octet-stream", "headers": said}
        assert tried(phone(), "post", path, sealed(), **kind) < BROKEN, text


@pytest.mark.parametrize("token", ["", "\x85", "a.b.c", "\x01", "." * 9000, "{}", "é"])
def test_no_token_breaks_the_api(token):
    client = Client(raise_request_exception=False)
    headers = {"authorization": f"Bearer {token}"}
    assert client.get("/api/v1/join-requests/" + "A" * 43, headers=headers).status_code == 401


def phone() -> App:
    app = App("uma")
    app.raise_request_exception = False
    return app
