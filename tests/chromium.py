"""A real browser on the real product: for the tests of `manage.py test --browser` alone.

The product answers as published: hashed files, content policy and all. Every page fails its test on
an error in the console, which is where the browser tells of what the content policy stopped.
"""

import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from enigm_command.devstack import chromium

LAPTOP = {  # it stores passkeys, checks a finger, and somebody is there
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
PATIENCE = 10_000  # milliseconds


class Quiet(WSGIRequestHandler):
    """Says nothing of each request."""

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="session")
def chromium_browser() -> Iterator[Browser]:
    # Playwright keeps a loop of its own in this thread; Django would take our queries for its.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium.path(), args=chromium.flags())
        yield started
        started.close()


@pytest.fixture
def site(transactional_db: None, settings: Any, tmp_path: Any) -> Iterator[str]:
    """The product, as it answers at an address for which browsers know passkeys."""
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "enigm_command.lib.staticfiles.HashedStorage"}
    }
    settings.STATIC_ROOT = tmp_path / "static"
    call_command("build_static")
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
def page(chromium_browser: Browser, site: str) -> Iterator[Page]:
    """An empty page."""
    said: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            said.append(message.text)

    with chromium_browser.new_context(base_url=site) as visit:
        page = visit.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", listen)
        page.on("pageerror", lambda error: said.append(str(error)))
        yield page
    assert not said


class Laptop:
    """The device that keeps the passkeys of whoever looks at a page."""

    def __init__(self, page: Page) -> None:
        self.session = page.context.new_cdp_session(page)
        self.session.send("WebAuthn.enable")
        added = self.session.send("WebAuthn.addVirtualAuthenticator", {"options": LAPTOP})
        self.id = added["authenticatorId"]

    def turn_down(self) -> None:
        """From here on no finger is the right one."""
        said = {"authenticatorId": self.id, "isUserVerified": False}
        self.session.send("WebAuthn.setUserVerified", said)


@pytest.fixture
def laptop(page: Page) -> Laptop:
    return Laptop(page)
