"""The pictures of docs/tour.md, taken of the running product in Chromium (`manage.py screenshots`).

Run as a module by that command, on a state folder of its own; its argument is where they go.
"""

import sys
from pathlib import Path

import django
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from enigm_command.devstack import chromium

from . import studio
from .studio import Sitter, Studio

DESKTOP: ViewportSize = {"width": 1200, "height": 760}
PHONE: ViewportSize = {"width": 390, "height": 844}
PATIENCE = 30_000  # milliseconds


class Camera:
    """Before one person's browser. Every picture is of the same window."""

    def __init__(self, browser: Browser, studio: Studio, folder: Path) -> None:
        visit = browser.new_context(
            base_url=studio.site,
            viewport=DESKTOP,
            locale="en-GB",
            timezone_id="UTC",
            reduced_motion="reduce",
        )
        self.page, self.folder = visit.new_page(), folder
        self.page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)

    def take(self, name: str) -> None:
        """One picture of what the window shows."""
        self.page.evaluate("document.fonts.ready")
        self.page.screenshot(path=self.folder / f"{name}.png", animations="disabled", caret="hide")
        print(f"enigm: {name}.png", flush=True)

    def follow(self, words: str) -> None:
        """Go where the first link with these words leads."""
        self.page.get_by_role("link", name=words).first.click()
        self.page.wait_for_load_state()

    def press(self, words: str) -> None:
        """Press the first button with these words."""
        self.page.get_by_role("button", name=words).first.click()

    def fill(self, label: str, words: str) -> None:
        """Type into the field with this label."""
        self.page.get_by_label(label).first.fill(words)

    def sees(self, heading: str) -> None:
        """Wait for the page with this heading."""
        expect(self.page.get_by_role("heading", level=1, name=heading)).to_be_visible()

    def sign_in(self, sitter: Sitter) -> None:
        """With both factors."""
        self.page.goto("/sign-in/")
        self.fill("Username", sitter.username)
        self.fill("Password", sitter.password)
        self.press("Continue")
        self.fill("Code", sitter.authenticator.code())
        self.press("Sign in")
        self.sees("Your servers")


def take_all(folder: Path) -> None:
    """Every picture of the tour, in its order."""
    with studio.opened() as at, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.path(), args=chromium.flags())
        with browser:
            join_page(Camera(browser, at, folder), at.server_id)
            owner = Camera(browser, at, folder)
            owner.sign_in(at.owner)
            checkout(owner)
            overview(owner)
            requests(owner)
            retention(owner)
            deletion(owner, at)
            log(owner)
            operators(Camera(browser, at, folder), at.operator)


def join_page(camera: Camera, server_id: str) -> None:
    """What somebody sees who was given a join link."""
    camera.page.goto(f"/j/{server_id}/")
    camera.take("join")


def checkout(camera: Camera) -> None:
    """A server is chosen: who for, where, and its name."""
    camera.follow("Create a server")
    camera.page.get_by_role("radio", name="Team").check()
    camera.page.get_by_role("radio", name="Europe").check()
    camera.fill("Server name", "Quay House")
    camera.fill("Number of people", "12")
    camera.press("Update total")
    expect(camera.page.get_by_text("€72.00").first).to_be_visible()
    camera.take("checkout")
    camera.follow("Your servers")


def overview(camera: Camera) -> None:
    """The first page of a server: by day, by night, and on a phone."""
    camera.follow("Atelier North")
    camera.sees("Atelier North")
    camera.take("first-steps")
    camera.press("Hide it now")
    camera.sees("Atelier North")
    camera.take("overview")
    camera.page.emulate_media(color_scheme="dark")
    camera.take("overview-dark")
    camera.page.emulate_media(color_scheme="light")
    camera.page.set_viewport_size(PHONE)
    camera.take("overview-phone")
    camera.page.set_viewport_size(DESKTOP)


def requests(camera: Camera) -> None:
    """Who asked to join."""
    camera.follow("Join requests")
    camera.sees("Join requests")
    camera.take("join-requests")


def retention(camera: Camera) -> None:
    """What is kept, and until when at most."""
    camera.follow("Encrypted content")
    camera.follow("Retention")
    camera.sees("Retention")
    camera.take("retention")


def deletion(camera: Camera, at: Studio) -> None:
    """Content goes: looked at, ordered, erased, and proved."""
    camera.follow("Encrypted content")
    camera.follow("Delete content")
    camera.page.get_by_label("One user").check()
    camera.page.get_by_label("User", exact=True).select_option(label=None, index=1)
    camera.press("Show what would go")
    camera.sees("Review this deletion")
    camera.take("delete-review")
    camera.fill("Reason", "Left the project")
    camera.fill("Code", at.owner.authenticator.code())
    camera.press("Delete ")
    camera.sees("Deleting ")
    camera.take("order-progress")
    at.work()
    camera.sees("Deleted: ")
    camera.take("receipt")


def log(camera: Camera) -> None:
    """All that was done, by whom."""
    camera.follow("Audit log")
    camera.sees("Audit log")
    camera.take("log")


def operators(camera: Camera, operator: Sitter) -> None:
    """The platform's own people come in by a passkey, and see servers without their users."""
    camera.sign_in(operator)
    make_passkey(camera.page)
    camera.press("Sign out")
    camera.press("Sign in with a passkey")
    camera.sees("Your servers")
    camera.page.goto("/ops/servers/server/")
    camera.take("operators")


def make_passkey(page: Page) -> None:
    """On the laptop that this browser runs on."""
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": chromium.LAPTOP})
    page.goto("/account/security/passkeys/new/")
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_role("heading", level=1, name="Security")).to_be_visible()


if __name__ == "__main__":
    django.setup()
    take_all(Path(sys.argv[1]))
