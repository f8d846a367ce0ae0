"""An owner's first day: from the front page to a server that two people administer."""

import re

import pytest
from django.urls import reverse

from servers.models import Server
from tests.chromium import BOTH_WAYS
from tests.factories import PASSWORD, PlanFactory
from tests.processes import PATIENCE
from tests.stories.people import Person

pytestmark = [BOTH_WAYS, pytest.mark.requirement("R5", "R8", "R9", "R17")]

SERVER_ID = re.compile(r"EN-[0-9A-Z-]+")


@pytest.fixture(autouse=True)
def price_list(site):
    PlanFactory()


def test_an_owner_buys_a_server_and_makes_it_theirs(worker, page, open_browser):
    paula = Person(page, "paula")
    signs_up_with_a_mistake(paula)
    buys_with_a_mistake(paula)
    sees_the_server_come(paula)
    names_it_anew(paula)
    makes_messages_live_shorter(paula)
    invites_a_second_administrator(paula, Person(open_browser(), "kim"))
    looks_at_bill_and_log(paula)


def signs_up_with_a_mistake(paula):
    paula.goes_to("home")
    paula.follows("Create an account")
    paula.fills("Username", paula.username)
    paula.fills("Password", "short")
    paula.presses("Create the account")
    paula.is_told_of_a_problem("too short")
    paula.has_typed("Username", "paula")
    paula.fills("Password", PASSWORD)
    paula.presses("Create the account")
    paula.sets_up_an_app()
    paula.puts_recovery_codes_away()
    paula.is_at("Your servers")


def buys_with_a_mistake(paula):
    paula.follows("Create a server")
    paula.is_at("Create a private server")
    paula.ticks("Team")
    paula.fills("Server name", "Paula’s studio")
    paula.fills("Number of people", "8")
    paula.presses("Update total")
    paula.sees("48.00")
    paula.presses("Continue to payment")
    paula.is_told_of_a_problem("Choose a region.")
    paula.has_typed("Server name", "Paula’s studio")
    paula.has_typed("Number of people", "8")
    paula.ticks("Europe")
    paula.ticks("I accept this responsibility")
    paula.presses("Continue to payment")
    paula.is_at("Pay for your server")
    paula.presses("Pay with the test provider")


def sees_the_server_come(paula):
    paula.is_at("Your server is ready", patience=PATIENCE)
    (server_id,) = paula.reads(SERVER_ID)
    assert server_id == Server.objects.get().locator
    paula.follows("Invite people")
    paula.is_at("Invite people")
    paula.sees(server_id)
    paula.follows("Overview")
    paula.is_at("Paula’s studio")


def names_it_anew(paula):
    paula.follows("Settings")
    paula.fills("Server name", "")
    paula.presses("Save the name")
    paula.is_told_of_a_problem("Enter a name for the server.")
    paula.fills("Server name", "Studio on the quay")
    paula.presses("Save the name")
    paula.sees("The server has its new name.")


def makes_messages_live_shorter(paula):
    paula.follows("Change the policy")
    paula.chooses("Messages live at most", "7 days")
    paula.presses("Review the change")
    paula.is_at("Review this policy")
    paula.presses("Save policy")
    paula.is_told_of_a_problem("Enter the 6 digits")
    paula.enters_a_code()
    paula.presses("Save policy")
    paula.sees("Version 2 of the policy is in force.")


def invites_a_second_administrator(paula, kim):
    paula.follows("Settings")
    paula.follows("Invite, remove, hand over")
    paula.sees("There is only one administrator.")
    paula.follows("Invite an administrator")
    paula.fills("Whom is it for?", "Kim, from the office")
    paula.presses("Make the invitation")
    paula.is_at("The invitation for Kim, from the office")
    (link,) = paula.reads(r"http://localhost\S+/invitations/\S+")
    accepts(kim, link)
    paula.follows("I have given it away")
    paula.sees("kim")
    paula.does_not_see("There is only one administrator.")


def accepts(kim, link):
    kim.page.goto(link)
    kim.is_at("Answer an invitation")
    kim.follows("Continue")
    kim.follows("Create one")
    kim.signs_up()
    kim.is_at("Administer Studio on the quay")
    kim.enters_a_code()
    kim.presses("Become an administrator")
    kim.is_told_of_a_problem("Accept the responsibility to go on.")
    kim.ticks("I accept this responsibility")
    kim.enters_a_code()
    kim.presses("Become an administrator")
    kim.is_at("Studio on the quay")


def looks_at_bill_and_log(paula):
    paula.page.goto(reverse("billing"))
    paula.follows("Studio on the quay")
    paula.sees("Team")
    paula.follows("Your servers")
    paula.follows("Studio on the quay")
    paula.follows("Audit log")
    for said in ("created the server in Europe", "renamed the server", "changed the policy"):
        paula.sees(said)
    paula.sees("kim")
