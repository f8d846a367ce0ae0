"""What pages say of work that takes long: nothing that was not measured."""

from datetime import timedelta

import pytest
from django.urls import reverse

from content import progress, tasks
from content.models import DeletionOrder
from content.models.orders import NotUnderWay
from content.scope import EVERYTHING
from enigm_command.lib import clock
from enigm_command.lib.clock import ClockNow
from enigm_command.lib.models import SweepRun
from enigm_command.lib.progress import Mark, pace
from lifecycle.actions import order_server_deletion
from lifecycle.models import ServerDeletion
from tests.browser import Browser
from tests.factories import DeletionOrderFactory
from tests.objects import store
from tests.test_server_deletion import carry_through

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R18", "R20")]
SECOND = timedelta(seconds=1)


def looked(done, after=timedelta(0)):
    """A counter a while after a beginning that does not matter."""
    return Mark(done, clock.LONG_AGO + after)


class TestPace:
    """A rate takes two looks."""

    def test_the_first_look_says_nothing_of_speed(self):
        assert pace(None, looked(10), 100, "object") == ""

    def test_a_counter_that_stands_still_says_nothing_of_speed(self):
        assert pace(looked(10), looked(10, 9 * SECOND), 100, "object") == ""

    @pytest.mark.parametrize(
        ("seconds", "done", "total", "said"),
        [
            (10, 4120, 4318, "412 objects a second, less than a minute left"),
            (10, 10, 1210, "1 object a second, about 20 minutes left"),
            (60, 6, 6, "6 objects a minute"),
        ],
    )
    def test_two_looks_tell_how_fast_and_how_long(self, seconds, done, total, said):
        now = looked(done, seconds * SECOND)
        assert pace(looked(0), now, total, "object") == (
            f"Measured since you opened this page: {said}."
        )

    @pytest.mark.parametrize("seconds", [-5, 0.5, 100_000])
    def test_looks_too_near_too_far_or_turned_round_say_nothing(self, seconds):
        assert pace(looked(0), looked(10, seconds * SECOND), 100, "object") == ""

    def test_a_look_comes_back_out_of_an_address(self):
        mark = looked(3108, 5 * SECOND)
        said = dict(part.split("=") for part in mark.query.split("&"))
        assert Mark.carried_by(said) == mark

    @pytest.mark.parametrize("said", [{}, {"done": "1"}, {"done": "-1", "at": "1"}, {"done": "x"}])
    def test_what_is_no_look_is_none(self, said):
        assert Mark.carried_by(said) is None


@pytest.fixture
def order(server):
    return DeletionOrderFactory(server=server, previewed=100)


def told(order, since=None):
    return progress.tell(progress.watched(DeletionOrder.objects.filter(pk=order.pk)).get(), since)


def swept(ago):
    at = ClockNow() - ago
    SweepRun.objects.update_or_create(
        name="content.purges", defaults={"began_at": at, "ended_at": at}
    )


class TestWorker:
    """Whether anybody is at it, from rows that workers write."""

    def test_who_holds_the_lease_is_at_it(self, order):
        DeletionOrder.objects.claim(order.pk)
        assert told(order).worker == "It is being worked on now."

    def test_workers_that_do_other_things_take_it_up(self, order):
        swept(timedelta(minutes=1))
        assert "begins by itself" in told(order).worker

    def test_a_silence_is_said_with_its_length_and_what_holds_meanwhile(self, order):
        swept(timedelta(minutes=12, seconds=5))
        assert told(order).worker == (
            "No worker has been heard for 12 minutes. Nothing of what was deleted is served"
            " meanwhile. The work goes on by itself as soon as one is back."
        )

    def test_without_any_run_no_time_is_made_up(self, order):
        SweepRun.objects.list_all({"content.purges": timedelta(minutes=1)})
        assert told(order).worker.startswith("No worker has been heard yet.")

    def test_an_order_that_rests_says_nothing_of_workers(self, order):
        DeletionOrder.objects.pause(order)
        assert (told(order).worker, told(order, looked(0)).pace) == ("", "")
        with pytest.raises(NotUnderWay):
            DeletionOrder.objects.pause(order)


class TestPages:
    """With a script, and without one."""

    def test_the_pages_address_carries_the_first_look_on(self, order, ada):
        browser = Browser().sign_in(ada.warrant.account)
        page = reverse("order", args=[order.server_id, order.pk])
        DeletionOrder.objects.filter(pk=order.pk).update(purged=50)
        first = Mark(0, clock.now() - 10 * SECOND)
        text = browser.get(f"{page}?{first.query}").content.decode()
        assert f"5; url=?{first.query.replace('&', '&amp;')}" in text
        assert "5 objects a second, less than a minute left" in text
        asked = browser.get(f"{page}progress/?{first.query}").json()
        assert asked["pace"] in text
        assert asked["worker"] in text

    def test_the_deletion_of_a_server_is_followed_to_its_end(self, server, oren, uma):
        store(uma), store(uma)
        order_server_deletion(server, by=oren)
        ServerDeletion.objects.update(due_at=ClockNow())
        browser = Browser().sign_in(oren.warrant.account)
        page = reverse("server-deletion", args=[server.pk])
        assert "Its content is erased first" in browser.get(page).content.decode()
        DeletionOrder.objects.place(
            server.pk, EVERYTHING, order_id=ServerDeletion.objects.get().pk, previewed=2
        )
        assert browser.get(f"{page}progress/").json()["text"] == "0 of 2 objects erased"
        tasks.purge(str(ServerDeletion.objects.get().pk))
        assert "the key go next" in browser.get(page).content.decode()
        carry_through(ServerDeletion.objects.get())
        asked = browser.get(f"{page}progress/").json()
        assert (asked["text"], asked["finished"]) == ("The server is deleted.", True)
        assert browser.get(page).url == reverse("log", args=[server.pk])
