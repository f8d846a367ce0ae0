"""First part of the story: an account, and a server of one's own."""

import re

from .authenticator import Authenticator
from .people import People
from .wire import expect, wait_for

RECOVERY_CODE = r"\b(?:[A-Z2-7]{4} ){5}[A-Z2-7]{4}\b"


def sign_up(people: People) -> str:
    """Paula signs up with a username and a password"""
    people.paula.open("/sign-up/")
    page = people.paula.press(
        "Create the account", username=people.username, password=people.password
    )
    people.authenticator = Authenticator(page.find(r"(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}"))
    return f"as {people.username}"


def be_kept_out(people: People) -> str:
    """Her password alone opens no page"""
    page = people.paula.open("/servers/")
    expect("the page instead of her servers", page.path, "/second-factor/")
    return "sent to set up a second factor"


def set_up_second_factor(people: People) -> str:
    """She sets up an authenticator app and saves recovery codes"""
    page = people.paula.press("Confirm", code=people.authenticator.code())
    codes = len(re.findall(RECOVERY_CODE, page.words))
    expect("recovery codes shown", codes, 10)
    page = people.paula.press("I have saved them")
    expect("the page after it", page.path, "/servers/")
    return f"{codes} codes, shown once"


def sign_in_again(people: People) -> str:
    """She signs out, and in again with both factors"""
    people.paula.press("Sign out")
    people.paula.press("Continue", username=people.username, password=people.password)
    page = people.paula.press("Sign in", code=people.authenticator.code())
    expect("the page after it", page.path, "/servers/")
    return "password, then code"


def choose(people: People) -> str:
    """She chooses a plan, a region and a name; the price is shown"""
    people.paula.open("/new/")
    choices = {"plan": "team", "region": "europe", "name": "Paula’s studio", "seats": 8}
    page = people.paula.press("Continue to payment", **choices, accepts=True)
    return f"{page.find(r'Each month (.[0-9.,]+)')} a month, in Europe"


def pay(people: People) -> str:
    """She pays with the test provider; a worker creates the server"""
    waiting = people.paula.press("Pay with the test provider").path
    page = wait_for("the server", lambda: people.paula.open(waiting).when("Your server is ready"))
    people.server = page.link("Open the overview")
    people.server_id = page.find(r"EN-[0-9A-Z-]+")
    return people.server_id


def look_around(people: People) -> str:
    """The overview and the invitation show the same Server ID"""
    for page in (people.paula.open(people.server), people.paula.follow("Invite people")):
        expect("the Server ID", page.find(r"EN-[0-9A-Z-]+"), people.server_id)
    return "on both pages"
