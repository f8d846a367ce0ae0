"""A session ends in the middle of a form: whoever signs in again goes on where they were."""

from datetime import timedelta

import pytest
from django.db.models import F

from accounts.models import Session
from accounts.sessions import LIMITS
from content.models import DeletionOrder, Withholding
from servers.models import PolicyVersion, Server
from servers.models.purchase import Purchase
from tests.chromium import BOTH_WAYS
from tests.factories import PASSWORD, PlanFactory
from tests.objects import store
from tests.stories.people import signed_in

pytestmark = [BOTH_WAYS, pytest.mark.requirement("R5", "R30")]


@pytest.fixture
def oren_there(page, server):
    return signed_in(page, server.owner)


def half_an_hour_goes_by():
    """Nobody touches the panel for as long as a session may lie unused."""
    gone = LIMITS.idle + timedelta(minutes=1)
    Session.objects.update(seen_at=F("seen_at") - gone)


def signs_in_again_and_sends_it(person):
    person.is_at("Sign in")
    person.sees("what you filled in is kept")
    person.signs_in()
    person.sees("What you filled in was kept. Nothing of it has happened yet.")
    person.presses("Continue")


def test_a_new_name_is_kept(oren_there, server):
    oren_there.goes_to("settings", server.pk)
    oren_there.fills("Server name", "Studio on the quay")
    half_an_hour_goes_by()
    oren_there.presses("Save the name")
    assert Server.objects.get().name == "Atelier North"
    signs_in_again_and_sends_it(oren_there)
    oren_there.sees("The server has its new name.")
    assert Server.objects.get().name == "Studio on the quay"


def test_a_checkout_is_kept(oren_there):
    PlanFactory()
    oren_there.goes_to("checkout")
    oren_there.fills("Server name", "Quay")
    oren_there.ticks("Asia")
    oren_there.ticks("I accept this responsibility")
    half_an_hour_goes_by()
    oren_there.presses("Continue to payment")
    assert not Purchase.objects.exists()
    signs_in_again_and_sends_it(oren_there)
    oren_there.is_at("Pay for your server")
    oren_there.sees("Quay")


def test_a_policy_is_kept(oren_there, server):
    oren_there.goes_to("policy", server.pk)
    oren_there.chooses("Messages live at most", "7 days")
    half_an_hour_goes_by()
    oren_there.presses("Review the change")
    oren_there.signs_in()
    oren_there.is_at("Review this policy")
    half_an_hour_goes_by()
    oren_there.enters_a_code()
    oren_there.presses("Save policy")
    signs_in_again_and_sends_it(oren_there)
    oren_there.is_at("Review this policy")
    oren_there.sees("7 days")
    oren_there.enters_a_code()
    oren_there.presses("Save policy")
    oren_there.sees("Version 2 of the policy is in force.")
    assert PolicyVersion.objects.in_force(server.pk).message_lifetime == timedelta(days=7)


def test_a_review_of_a_deletion_is_kept(oren_there, server, uma):
    store(uma)
    oren_there.goes_to("delete", server.pk)
    oren_there.ticks("Everything")
    oren_there.presses("Show what would go")
    oren_there.fills("Type the server name", server.name)
    oren_there.fills("Reason", "We move")
    oren_there.enters_a_code()
    half_an_hour_goes_by()
    oren_there.presses("Delete 1 object")
    signs_in_again_and_sends_it(oren_there)
    oren_there.has_typed("Type the server name", server.name)
    oren_there.has_typed("Reason", "We move")
    assert not DeletionOrder.objects.exists()
    oren_there.enters_a_code()
    oren_there.presses("Delete 1 object")
    oren_there.sees("Erasing from storage")


def test_a_withholding_is_kept(oren_there, server, uma):
    store(uma)
    oren_there.goes_to("withhold", server.pk)
    oren_there.ticks("Everything")
    oren_there.presses("Show what would be withheld")
    oren_there.fills("Reason", "The plan of the vault")
    half_an_hour_goes_by()
    oren_there.presses("Withhold 1 object")
    assert not Withholding.objects.exists()
    signs_in_again_and_sends_it(oren_there)
    oren_there.sees("Nobody can open it now.")
    oren_there.sees("The plan of the vault")


def test_a_wrong_password_on_the_way_loses_nothing(oren_there, server):
    oren_there.goes_to("settings", server.pk)
    oren_there.fills("Server name", "Studio on the quay")
    half_an_hour_goes_by()
    oren_there.presses("Save the name")
    oren_there.fills("Username", "oren")
    oren_there.fills("Password", f"not {PASSWORD}")
    oren_there.presses("Continue")
    oren_there.is_told_of_a_problem("wrong")
    signs_in_again_and_sends_it(oren_there)
    oren_there.sees("The server has its new name.")
