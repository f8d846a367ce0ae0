"""The physical part of a deletion: watched, paused, resumed, ended early. Never its darkness."""

from datetime import timedelta

import pytest
from django.urls import reverse

from audit.authority import OutsideAuthority
from audit.models import AuditStream
from audit.vocabulary import Action
from content import actions, erasing, purge, stores, tasks
from content.models import DeletionOrder, NotUnderWay, Receipt
from content.models.orders import SILENCE
from enigm_command.lib import clock
from enigm_command.lib.clock import ClockNow
from enigm_command.lib.leases import LeaseLost
from enigm_command.lib.vault import PLATFORM
from lifecycle.actions import lift_hold, place_hold
from lifecycle.models.hold import Wish
from servers.models import Server, Standing
from tests.browser import Browser
from tests.factories import DeletionOrderFactory
from tests.objects import LARGE, available, files_of, in_storage, member_of, sealed, store
from tests.operators import act, browser_of, list_of, operator
from tests.search import says
from tests.support import actions_of, events_of, excused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R18", "R26")]


@pytest.fixture
def opal():
    return operator("opal")


@pytest.fixture
def stored(uma):
    return [store(uma), store(uma, sealed(size=LARGE))]


@pytest.fixture
def order(server, stored):
    return DeletionOrderFactory(server=server, previewed=2)


def stalled(order):
    return DeletionOrder.objects.stalled().filter(pk=order.pk).exists()


def again(order):
    return DeletionOrder.objects.get(pk=order.pk)


def page_of(server, order, ada):
    return Browser().sign_in(ada.warrant.account).get(reverse("order", args=[server.pk, order.pk]))


class TestPausing:
    """It rests and goes on; what was ordered stays in the dark."""

    def test_a_paused_purge_erases_nothing_and_makes_nothing_available(
        self, server, uma, order, opal
    ):
        actions.pause_purge(order, why="The storage is moved.", by=opal.authority)
        tasks.purge(str(order.pk))
        assert (in_storage(server), available(uma)) == (2, set())
        actions.resume_purge(order, by=opal.authority)
        tasks.purge(str(order.pk))
        assert in_storage(server) == 0
        assert again(order).is_finished

    def test_both_logs_say_so_and_the_servers_log_says_why(self, server, order, opal):
        actions.pause_purge(order, why="The storage is moved.", by=opal.authority)
        actions.resume_purge(order, by=opal.authority)
        assert actions_of(server) == [Action.PURGE_PAUSED, Action.PURGE_RESUMED]
        assert events_of(server)[0].private["reason"] == "The storage is moved."
        platform = [event.action for event in events_of(AuditStream(pk=PLATFORM))]
        assert platform[-2:] == [Action.PURGE_PAUSED, Action.PURGE_RESUMED]

    def test_a_worker_in_the_middle_of_it_is_overtaken(self, server, order, opal):
        working = DeletionOrder.objects.claim(order.pk)
        actions.pause_purge(order, why="At once.", by=opal.authority)
        with pytest.raises(LeaseLost):
            purge.destroy_batch(working, stores.STORES[0].batches(working))
        assert (in_storage(server), len(files_of(server))) == (2, 1)

    @pytest.mark.parametrize("second", [actions.pause_purge, actions.abort_purge])
    def test_what_is_over_is_neither_paused_nor_ended(self, server, order, opal, second):
        tasks.purge(str(order.pk))
        with pytest.raises(NotUnderWay):
            second(order, why="Too late.", by=opal.authority)
        assert actions_of(server) == [Action.DELETION_COMPLETED]

    def test_only_what_rests_is_resumed_and_only_once(self, order, opal):
        with pytest.raises(NotUnderWay):
            actions.resume_purge(order, by=opal.authority)

    def test_no_administrator_does_it(self, server, order, ada):
        with pytest.raises(OutsideAuthority):
            actions.pause_purge(order, why="Mine.", by=ada)
        assert again(order).paused_at is None


class TestEndingEarly:
    """What is left is never available again, goes by its own time, and stands in the receipt."""

    def test_nothing_comes_to_light_and_the_receipt_says_what_is_left(
        self, server, uma, stored, order, opal
    ):
        actions.abort_purge(order, why="A claim is heard.", by=opal.authority)
        tasks.purge(str(order.pk))
        assert (in_storage(server), available(uma)) == (2, set())
        said = Receipt.objects.get(pk=order.pk).said
        assert said["ended_early"] == {"left": 2, "gone_by": stored[0].expires_on.isoformat()}
        assert said["second_look"] == {"rows": 1, "files": 1, "uploads": 0}
        (entry,) = events_of(server)
        assert (entry.action, entry.data["left"]) == (Action.PURGE_ABORTED, 2)
        assert entry.data["receipt"] == Receipt.objects.get(pk=order.pk).digest

    def test_a_paused_one_can_be_ended(self, order, opal):
        actions.pause_purge(order, why="Wait.", by=opal.authority)
        actions.abort_purge(order, why="No more.", by=opal.authority)
        assert again(order).state == "Ended early"

    def test_another_order_erases_what_is_left(self, server, order, opal):
        actions.abort_purge(order, why="A claim is heard.", by=opal.authority)
        later = DeletionOrderFactory(server=server)
        tasks.purge(str(later.pk))
        assert (in_storage(server), again(later).purged) == (0, 2)

    def test_the_order_that_ends_a_server_is_not_ended_early(self, server, order, opal):
        """A server's key may go only when its content has."""
        with excused():
            Server.objects.filter(pk=server.pk).update(standing=Standing.DELETING)
        with pytest.raises(erasing.EndsWithServer):
            actions.abort_purge(order, why="No.", by=opal.authority)
        assert not again(order).is_finished

    def test_its_page_says_until_when_the_rest_is_there(self, server, order, opal, ada):
        actions.abort_purge(order, why="A claim is heard.", by=opal.authority)
        page = page_of(server, order, ada).content.decode()
        assert "Unavailable, and not erased before its own time: 2 objects." in page
        assert "A second look" not in page


class TestAtTheirDesk:
    """Operators act on rows of a list, each with a reason."""

    def test_an_operator_pauses_resumes_and_ends_it(self, server, order, opal):
        desk = browser_of(opal)
        assert "D-1: paused." in act(desk, "pause", order, why="The storage is moved.")
        assert "D-1: goes on." in act(desk, "resume", order)
        assert "D-1: ended early." in act(desk, "abort", order, why="A claim is heard.")
        assert "its erasing has ended" in act(desk, "abort", order, why="Again.")

    def test_without_a_reason_nothing_is_done(self, order, opal):
        answer = browser_of(opal).post(
            list_of(DeletionOrder),
            {"action": "pause", "answered": "yes", "_selected_action": [str(order.pk)]},
        )
        assert "Enter a reason." in answer.content.decode()
        assert again(order).paused_at is None

    def test_the_list_and_the_page_tell_neither_whose_it_is_nor_of_what_kind(
        self, server, uma, opal
    ):
        order = DeletionOrderFactory(server=server, author=uma.handle, kind="media")
        desk = browser_of(opal)
        for address in (list_of(DeletionOrder), f"{list_of(DeletionOrder)}{order.pk}/"):
            page = desk.get(address).content.decode()
            assert str(server.pk) in page
            assert str(uma.handle) not in page
            assert not says("media", page)
        assert actions_of(server) == [Action.PAGE_VIEWED]

    @pytest.mark.parametrize("standing", ["under_way", "paused", "stalled"])
    def test_the_list_finds_what_needs_somebody(self, order, opal, standing):
        DeletionOrder.objects.filter(pk=order.pk).update(heard_at=ClockNow() - 2 * SILENCE)
        if standing == "paused":
            actions.pause_purge(order, why="Wait.", by=opal.authority)
        page = browser_of(opal).get(list_of(DeletionOrder), {"standing": standing})
        assert str(order.pk) in page.content.decode()


class TestStandstill:
    """A purge that nobody has worked on for ten minutes is seen; one that rests is not."""

    @pytest.fixture
    def silent(self, order):
        DeletionOrder.objects.filter(pk=order.pk).update(heard_at=ClockNow() - SILENCE)
        return again(order)

    def test_every_batch_is_a_sign_of_life(self, silent):
        assert stalled(silent)
        working = DeletionOrder.objects.claim(silent.pk)
        purge.destroy_batch(working, stores.STORES[0].batches(working))
        assert not stalled(silent)

    def test_its_page_and_the_readiness_of_the_service_say_so(self, server, silent, ada, client):
        assert "Nobody has worked on this since" in page_of(server, silent, ada).content.decode()
        assert "erasing stands still: 1 deletion" in client.get("/readyz").json()["wrong"]

    def test_what_rests_on_purpose_is_no_standstill(self, server, silent, opal, ada):
        actions.pause_purge(silent, why="Wait.", by=opal.authority)
        assert not stalled(silent)
        assert "Operators have paused the erasing" in page_of(server, silent, ada).content.decode()
        actions.resume_purge(silent, by=opal.authority)
        assert not stalled(silent)

    def test_what_waits_for_a_hold_is_none_and_begins_anew_when_it_is_lifted(self, server, opal):
        until = clock.now() + timedelta(days=60)
        wish = Wish(category="legal", reason="A claim.", reference="case 118", until=until)
        hold = place_hold(server, wish, by=opal.authority)
        waits = DeletionOrderFactory(server=server)
        DeletionOrder.objects.filter(pk=waits.pk).update(heard_at=ClockNow() - 2 * SILENCE)
        assert not stalled(waits)
        lift_hold(hold, by=opal.authority)
        assert not stalled(waits)


def test_overlapping_orders_count_each_object_once(server, uma):
    """Whoever comes first to an object counts it, whatever else covers it."""
    max_ = member_of(server, "max")
    for author in (uma, max_):
        for kind in ("message", "media"):
            store(author, kind=kind)
            store(author, sealed(size=LARGE), kind=kind)
    scopes = [{"kind": "media"}, {"author": uma.handle}, {}]
    orders = [DeletionOrderFactory(server=server, **scope) for scope in scopes]
    working = [DeletionOrder.objects.claim(order.pk) for order in orders]
    for store_ in stores.STORES:
        for order in working:
            purge.destroy_batch(order, store_.batches(order))
    for order in working:
        order.let_go()
        tasks.purge(str(order.pk))
    assert sum(again(order).purged for order in orders) == 8
    assert all(again(order).is_finished for order in orders)
