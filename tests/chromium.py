"""A real browser on the real product: for the tests of `manage.py test --browser` alone.

The product answers as published: hashed files, content policy and all. Every page fails its test on
an error in the console, which is where the browser tells of what the content policy stopped.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.test import override_settings
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from enigm_command.devstack import chromium
from tests.processes import Worker

PATIENCE = 30_000  # milliseconds: on a busy machine a page takes its time
HASHED = {"staticfiles": {"BACKEND": "enigm_command.lib.staticfiles.HashedStorage"}}
BOTH_WAYS = pytest.mark.parametrize(
    "javascript", [True, False], ids=["with JavaScript", "without"], indirect=True
)


class Quiet(WSGIRequestHandler):
    """Says nothing of each request."""

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="session", autouse=True)
def chromium_browser() -> Iterator[Browser]:
    """One for all tests, and started before Django first connects: Playwright keeps a loop of its
    own in this thread, and a thread's database connections go by its loop."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium.path(), args=chromium.flags())
        yield started
        started.close()


@pytest.fixture(scope="session")
def static_files(tmp_path_factory: pytest.TempPathFactory, own_state: Path) -> dict[str, Any]:
    """Built once, as for a release; the settings by which they are found."""
    found = {"STATIC_ROOT": tmp_path_factory.mktemp("static")}
    found["STORAGES"] = project.STORAGES | HASHED
    with override_settings(**found):
        call_command("build_static")
    return found


@pytest.fixture
def site(transactional_db: None, settings: Any, static_files: dict[str, Any]) -> Iterator[str]:
    """The product, as it answers at an address for which browsers know passkeys."""
    for name, value in static_files.items():
        setattr(settings, name, value)
    settings.DEBUG = True  # for the provider that moves no money
    with ThreadedWSGIServer(("localhost", 0), Quiet) as server:
        address = f"http://localhost:{server.server_port}"
        settings.SITE_URL, settings.OTP_WEBAUTHN_ALLOWED_ORIGINS = address, [address]
        server.set_app(get_wsgi_application())
        answering = threading.Thread(target=server.serve_forever, daemon=True)
        answering.start()
        yield address
        server.shutdown()
        answering.join()


@pytest.fixture
def javascript(request: pytest.FixtureRequest) -> bool:
    """Whether the browsers of this test run scripts: they do, unless it is told `BOTH_WAYS`."""
    return getattr(request, "param", True)


@pytest.fixture
def refusals() -> list[int]:
    """The statuses that this test's pages may be refused with, of which the console tells."""
    return []


@pytest.fixture
def open_browser(
    chromium_browser: Browser, site: str, javascript: bool, refusals: list[int]
) -> Iterator[Callable[..., Page]]:
    """Opens a browser of its own for one more person: an empty page, and nobody signed in."""
    said: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        announced = any(f"a status of {status} " in message.text for status in refusals)
        if message.type == "error" and not announced:
            said.append(f"{message.text} at {message.location.get('url')}")

    def opened(**more: Any) -> Page:
        options = {"base_url": site, "java_script_enabled": javascript, **more}
        page = stack.enter_context(chromium_browser.new_context(**options)).new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", listen)
        page.on("pageerror", lambda error: said.append(str(error)))
        return page

    expect.set_options(timeout=PATIENCE)
    with ExitStack() as stack:
        yield opened
    assert not said


@pytest.fixture
def page(open_browser: Callable[..., Page]) -> Page:
    """An empty page."""
    return open_browser()


@pytest.fixture
def worker(site: str, tmp_path: Path) -> Iterator[Worker]:
    """A worker of the product, for what happens by itself while somebody looks at a page."""
    running = Worker(tmp_path)
    running.start()
    yield running
    running.stop()


class Laptop:
    """The device that keeps the passkeys of whoever looks at a page."""

    def __init__(self, page: Page) -> None:
        self.session = page.context.new_cdp_session(page)
        self.session.send("WebAuthn.enable")
        added = self.session.send("WebAuthn.addVirtualAuthenticator", {"options": chromium.LAPTOP})
        self.id = added["authenticatorId"]

    def turn_down(self) -> None:
        """From here on no finger is the right one."""
        said = {"authenticatorId": self.id, "isUserVerified": False}
        self.session.send("WebAuthn.setUserVerified", said)


@pytest.fixture
def laptop(page: Page) -> Laptop:
    return Laptop(page)
