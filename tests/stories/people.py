"""People of the stories: each has a browser, reads what is on the screen, and goes by its words."""

import re
from base64 import b32decode
from typing import Any

from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from accounts.factors import EncryptedTOTPDevice
from accounts.models import Account
from enigm_command.demo.authenticator import present
from tests.factories import PASSWORD, AuthenticatorFactory

SET_UP_KEY = re.compile(r"(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}")
RECOVERY_CODE = re.compile(r"(?:[A-Z2-7]{4} ){5}[A-Z2-7]{4}")


class Person:
    """Somebody before a browser. Their authenticator app knows the key once it was scanned."""

    def __init__(self, page: Page, username: str) -> None:
        self.page, self.username, self.key = page, username, b""

    # --- looking ----------------------------------------------------------------------------------
    @property
    def screen(self) -> Locator:
        """The page without its navigation."""
        return self.page.get_by_role("main")

    def sees(self, words: str, *, patience: float | None = None) -> None:
        """These words are on the page, or come onto it by themselves; patience in seconds."""
        wait = patience and patience * 1000
        expect(self.screen).to_contain_text(words, timeout=wait)

    def does_not_see(self, words: str) -> None:
        expect(self.screen).not_to_contain_text(words)

    def is_at(self, heading: str, *, patience: float | None = None) -> None:
        """The page with this heading is shown, or comes by itself."""
        wait = patience and patience * 1000
        shown = self.page.get_by_role("heading", level=1, name=heading)
        expect(shown).to_be_visible(timeout=wait)

    def is_told_of_a_problem(self, words: str) -> None:
        """The summary of errors says this, and the title says that there is one."""
        expect(self.page.get_by_role("alert").first).to_contain_text(words)
        expect(self.page).to_have_title(re.compile("^Error: "))

    def reads(self, pattern: str | re.Pattern[str]) -> list[str]:
        """All that fits the pattern in the words of the page."""
        return re.findall(pattern, self.screen.inner_text())

    def labelled(self, words: str) -> Locator:
        """The field, box or card whose label begins with these words."""
        return self.page.get_by_label(re.compile(rf"^\s*{re.escape(words)}")).first

    # --- acting -----------------------------------------------------------------------------------
    def goes_to(self, route: str, *args: Any) -> None:
        self.page.goto(reverse(route, args=args))

    def follows(self, words: str) -> None:
        self.page.get_by_role("link", name=words).first.click()

    def presses(self, words: str) -> None:
        self.page.get_by_role("button", name=words).first.click()

    def fills(self, label: str, words: str) -> None:
        self.labelled(label).fill(words)

    def ticks(self, words: str) -> None:
        """A box, or one of several cards."""
        self.labelled(words).check()

    def chooses(self, label: str, option: str) -> None:
        self.labelled(label).select_option(label=option)

    def has_typed(self, label: str, words: str) -> None:
        """The field still holds this."""
        expect(self.labelled(label)).to_have_value(words)

    # --- being somebody ---------------------------------------------------------------------------
    def code(self) -> str:
        """What their app shows now, and the panel will accept: as if the last code were old."""
        devices = EncryptedTOTPDevice.objects.filter(user__canonical=self.username, confirmed=True)
        devices.update(last_t=-1, drift=0, throttling_failure_count=0)
        return present(self.key)

    def enters_a_code(self) -> None:
        self.fills("Code from your authenticator app", self.code())

    def signs_up(self) -> None:
        """On the page for it: an account, an authenticator app, and recovery codes put away."""
        self.fills("Username", self.username)
        self.fills("Password", PASSWORD)
        self.presses("Create the account")
        self.sets_up_an_app()
        self.puts_recovery_codes_away()

    def sets_up_an_app(self) -> None:
        self.is_at("Set up your second factor")
        (shown,) = self.reads(SET_UP_KEY)
        self.key = b32decode(shown.replace(" ", ""))
        self.fills("Code from your authenticator app", present(self.key))
        self.presses("Confirm")

    def puts_recovery_codes_away(self) -> list[str]:
        self.is_at("Save your recovery codes")
        codes = self.reads(RECOVERY_CODE)
        assert len(codes) == 10
        self.presses("I have saved them")
        return codes

    def signs_in(self) -> None:
        """From wherever the panel has sent them, or from its front."""
        if not self.page.get_by_role("heading", name="Sign in").is_visible():
            self.goes_to("sign-in")
        self.fills("Username", self.username)
        self.fills("Password", PASSWORD)
        self.presses("Continue")
        self.enters_a_code()
        self.presses("Sign in")
        expect(self.page.get_by_role("heading", name="Enter your code")).to_have_count(0)

    def signs_out(self) -> None:
        self.page.get_by_role("button", name="Sign out", exact=True).click()
        self.is_at("Sign in")


def known(page: Page, account: Account) -> Person:
    """Somebody who has an account and an authenticator app, and is not signed in."""
    person = Person(page, account.canonical)
    person.key = b32decode(AuthenticatorFactory(user=account).seed)
    return person


def signed_in(page: Page, account: Account) -> Person:
    """The same, before the first page of the panel."""
    person = known(page, account)
    person.signs_in()
    return person
