"""Two sessions on a real database: a device that has seen a number has missed none before it."""

from threading import Event
from uuid import uuid4

import pytest

from content import actions, feed, own_deletions, tasks
from content.models import FeedEntry
from content.scope import Scope
from enigm_command.lib.clock import LONG_AGO
from enigm_command.lib.leases import LeaseLost
from enigm_command.lib.models import SweepRun
from membership.access import Listener
from tests.app import FeedReader
from tests.factories import WithholdingFactory
from tests.objects import store
from tests.support import excused

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.requirement("R19")]

PATIENCE = 20  # seconds until a race counts as a deadlock


def tell(server):
    """Something is announced."""
    with excused():
        FeedEntry.objects.announce(server.pk, FeedEntry.of_standing("active"))


def test_a_later_number_is_not_visible_before_an_earlier_one(server, uma, elsewhere):
    took, may_commit = Event(), Event()

    def announce_slowly():
        with excused():
            FeedEntry.objects.announce(server.pk, FeedEntry.of_standing("active"))
            took.set()
            may_commit.wait(PATIENCE)

    slow = elsewhere(announce_slowly)
    took.wait(PATIENCE)
    quick = elsewhere(lambda: WithholdingFactory(server=server))
    phone = FeedReader(server)
    assert phone.told()["entries"] == []
    may_commit.set()
    slow.result(PATIENCE)
    assert quick.result(PATIENCE).number == 2
    assert [entry["number"] for entry in phone.told()["entries"]] == [1, 2]


def test_a_device_that_polls_while_everyone_announces_misses_nothing(server, uma, ada, elsewhere):
    listener = Listener(server, uma.handle, uuid4(), is_admitted=True)
    announcements, finished = 48, Event()

    def announce(number):
        if number % 3:
            kind = "media" if number % 2 else "message"
            actions.order_deletion(server, Scope(kind=kind), order_id=uuid4(), by=ada)
        else:
            tell(server)

    def poll():
        seen, after, goes_on = [], 0, True
        while goes_on:
            was_finished = finished.is_set()
            page = feed.page(listener, after)
            assert not page.reset
            seen += [entry["number"] for entry in page.entries]
            after, goes_on = page.after, page.more or not was_finished
        return seen

    poller = elsewhere(poll)
    work = [elsewhere(lambda number=number: announce(number)) for number in range(announcements)]
    for done in work:
        done.result(PATIENCE)
    finished.set()
    assert poller.result(PATIENCE) == list(range(1, announcements + 1))


def test_what_was_not_committed_leaves_no_gap(server, uma):
    def fail():
        with excused():
            FeedEntry.objects.announce(server.pk, FeedEntry.of_standing("active"))
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    tell(server)
    assert [entry["number"] for entry in FeedReader(server).told()["entries"]] == [1]


def test_a_worker_that_was_overtaken_tells_nothing_and_its_follower_tells_once(server, uma):
    own_deletions.delete_one(uma, store(uma).public_id)
    SweepRun.objects.get_or_create(name="content.own_deletions")
    overtaken = SweepRun.objects.claim("content.own_deletions")
    SweepRun.objects.filter(pk=overtaken.pk).update(fence=99, lease_until=LONG_AGO)
    with pytest.raises(LeaseLost):
        own_deletions.erase(overtaken)
    assert FeedReader(server).told()["entries"] == []
    for _ in range(2):
        assert tasks.own_deletions()
    (entry,) = FeedReader(server).told()["entries"]
    assert len(entry["objects"]) == 1
