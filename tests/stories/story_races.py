"""Two people at once, one person twice, and what is done after going back."""

from datetime import timedelta

import pytest
from django.db.models import F

from accounts.models import Confirmation
from audit.vocabulary import Action
from content.models import DeletionOrder
from enigm_command.lib import clock
from membership.models import Membership
from servers.models.purchase import Purchase
from tests.chromium import BOTH_WAYS
from tests.factories import JoinRequestFactory, PlanFactory
from tests.objects import member_of, store
from tests.stories.people import signed_in
from tests.support import actions_of

pytestmark = [BOTH_WAYS, pytest.mark.requirement("R9", "R17", "R30")]


@pytest.fixture
def two(open_browser, server, ada):
    """The owner and an administrator, each before a browser of their own."""
    people = (server.owner, ada.warrant.account)
    return [signed_in(open_browser(), each) for each in people]


@pytest.fixture
def oren_alone(page, server):
    return signed_in(page, server.owner)


def reviews_everything(person, server):
    person.goes_to("delete", server.pk)
    person.ticks("Everything")
    person.presses("Show what would go")
    person.fills("Type the server name", server.name)


def test_of_two_who_approve_the_same_person_the_second_is_told(two, server):
    JoinRequestFactory(server=server, display_name="Lena Hoff")
    for person in two:
        person.goes_to("join-requests", server.pk)
    first, second = two
    first.presses("Approve Lena Hoff")
    first.sees("Lena Hoff is now a user of this server.")
    second.presses("Approve Lena Hoff")
    second.sees("Another administrator answered first")
    assert Membership.objects.of(server).count() == 1
    assert actions_of(server) == [Action.JOIN_REQUEST_APPROVED]


def test_of_two_who_delete_the_same_each_gets_an_order_of_their_own(two, server, uma):
    store(uma)
    for person in two:
        reviews_everything(person, server)
    for person in two:
        person.enters_a_code()
        person.presses("Delete 1 object")
        person.sees("Erasing from storage")
    assert actions_of(server) == [Action.DELETION_ORDERED] * 2


def test_what_grew_while_it_was_looked_at_is_shown_again_before_it_goes(oren_alone, server, uma):
    oren_alone.goes_to("delete", server.pk)
    store(uma)
    reviews_everything(oren_alone, server)
    oren_alone.fills("Reason", "We move")
    store(member_of(server, "lena"), authored_at=clock.now() - timedelta(hours=1))
    oren_alone.enters_a_code()
    oren_alone.presses("Delete 1 object")
    oren_alone.sees("It changed from 1 to 2 objects while you were looking.")
    oren_alone.has_typed("Reason", "We move")
    assert not DeletionOrder.objects.exists()
    oren_alone.enters_a_code()
    oren_alone.presses("Delete 2 objects")
    oren_alone.sees("Erasing from storage")


def test_a_confirmation_that_is_over_is_asked_anew_and_what_was_typed_is_kept(
    oren_alone, server, uma
):
    store(uma)
    reviews_everything(oren_alone, server)
    Confirmation.objects.update(offered_at=F("offered_at") - timedelta(minutes=5))
    oren_alone.enters_a_code()
    oren_alone.presses("Delete 1 object")
    oren_alone.sees("Five minutes have passed.")
    oren_alone.has_typed("Type the server name", server.name)
    assert not DeletionOrder.objects.exists()
    oren_alone.enters_a_code()
    oren_alone.presses("Delete 1 object")
    oren_alone.sees("Erasing from storage")


def test_going_back_after_an_order_shows_a_new_review_and_sends_nothing_twice(
    oren_alone, server, uma
):
    store(uma)
    reviews_everything(oren_alone, server)
    oren_alone.enters_a_code()
    oren_alone.presses("Delete 1 object")
    oren_alone.sees("Erasing from storage")
    oren_alone.page.go_back()
    oren_alone.sees("Nothing has been deleted yet.")
    oren_alone.presses("Delete 1 object")
    oren_alone.is_told_of_a_problem("Type the server name to confirm.")
    assert DeletionOrder.objects.count() == 1
    assert actions_of(server) == [Action.DELETION_ORDERED]


def test_a_double_click_orders_once(oren_alone, server, uma):
    store(uma)
    reviews_everything(oren_alone, server)
    oren_alone.enters_a_code()
    oren_alone.page.get_by_role("button", name="Delete 1 object").dblclick()
    oren_alone.sees("Erasing from storage")
    assert DeletionOrder.objects.count() == 1
    assert actions_of(server) == [Action.DELETION_ORDERED]


def test_a_double_click_buys_one_server(oren_alone):
    PlanFactory()
    oren_alone.goes_to("checkout")
    oren_alone.fills("Server name", "Quay")
    oren_alone.ticks("Asia")
    oren_alone.ticks("I accept this responsibility")
    oren_alone.page.get_by_role("button", name="Continue to payment").dblclick()
    oren_alone.is_at("Pay for your server")
    oren_alone.page.get_by_role("button", name="Pay with the test provider").dblclick()
    oren_alone.sees("You can leave this page.")
    (bought,) = Purchase.objects.all()
    assert bought.state == Purchase.State.PAID
