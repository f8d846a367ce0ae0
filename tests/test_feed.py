"""The feed: every device learns of everything that concerns it, in order, and nobody else does."""

from datetime import timedelta
from uuid import uuid4

import pytest

from content import actions, feed, own_deletions, tasks
from content.models import Device, FeedEntry, Gate
from content.models.feed import OBJECTS_EACH
from content.object_ids import public_id
from content.partitions import utc_today
from enigm_command.lib import clock
from lifecycle.models import Suspension
from lifecycle.standing import settle
from membership.handles import device_handle
from servers.models import Standing
from servers.policy import DAY
from tests.app import FeedReader
from tests.factories import (
    DeletionOrderFactory,
    ServerFactory,
    SuspensionFactory,
    WithholdingFactory,
)
from tests.objects import member_of, store
from tests.policies import change
from tests.support import excused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R19")]

PATIENCE = 20  # seconds until a race counts as a deadlock


@pytest.fixture
def phone(server, uma):
    return FeedReader(server)


def tell(server, entries=1):
    """So many things are announced."""
    with excused():
        for _ in range(entries):
            FeedEntry.objects.announce(server.pk, FeedEntry.of_standing(Standing.ACTIVE))


def forget_up_to(server, number):
    """So much of the feed is longer ago than it is remembered."""
    entries = FeedEntry.objects.of(server.pk).filter(number__lte=number)
    entries.update(told_at=clock.now() - timedelta(days=31))
    tasks.expire()


class TestTelling:
    """What stands in it, for whoever may know."""

    def test_an_order_says_what_it_reaches(self, server, uma, phone):
        whole = DeletionOrderFactory(server=server)
        narrow = DeletionOrderFactory(server=server, author=uma.handle, kind="media")
        up_to = [f"{order.cutoff_at:%Y-%m-%dT%H:%M:%S.%fZ}" for order in (whole, narrow)]
        assert phone.told()["entries"] == [
            {"number": 1, "what": "deletion", "up_to": up_to[0]},
            {
                "number": 2,
                "what": "deletion",
                "author": str(uma.handle),
                "kind": "media",
                "up_to": up_to[1],
            },
        ]
        assert (whole.number, narrow.number) == (1, 2)

    def test_an_order_for_one_object_names_it(self, server, uma, phone):
        gone = store(uma)
        DeletionOrderFactory(server=server, object_id=gone.id, expires_on=gone.expires_on)
        (entry,) = phone.told()["entries"]
        assert entry == {"number": 1, "what": "deletion", "objects": [gone.public_id]}

    def test_objects_that_authors_deleted_are_told_many_at_a_time(self, server, uma, phone):
        gone = [store(uma).public_id for _ in range(OBJECTS_EACH + 1)]
        for object_id in gone:
            own_deletions.delete_one(uma, object_id)
        assert phone.told()["entries"] == []
        tasks.own_deletions()
        entries = phone.told()["entries"]
        assert [len(entry["objects"]) for entry in entries] == [OBJECTS_EACH, 1]
        assert sorted(each for entry in entries for each in entry["objects"]) == sorted(gone)
        tasks.own_deletions()
        assert phone.told() == phone.told() | {"entries": entries}  # and once

    def test_a_member_who_deletes_everything_is_told_unless_nothing_was_there(
        self, server, uma, phone
    ):
        own_deletions.delete_all(uma)
        assert phone.told()["entries"] == []
        store(uma)
        own_deletions.delete_all(uma)
        (entry,) = phone.told()["entries"]
        assert (entry["what"], entry["author"]) == ("deletion", str(uma.handle))

    @pytest.mark.requirement("R20")
    def test_a_withholding_and_its_end(self, server, ada, phone):
        ends_at = clock.now().replace(microsecond=0) + timedelta(days=2)
        withholding = WithholdingFactory(server=server, kind="media", ends_at=ends_at)
        actions.release(withholding, by=ada)
        told = {"kind": "media", "ends_at": f"{ends_at:%Y-%m-%dT%H:%M:%S.%fZ}"}
        assert phone.told()["entries"] == [
            {"number": 1, "what": "withholding", **told},
            {"number": 2, "what": "release", "withholding": 1},
        ]

    @pytest.mark.requirement("R24")
    def test_how_the_server_stands_is_told_when_it_changes(self, server, phone):
        suspension = SuspensionFactory(server=server)
        with excused():
            settle(server)
            settle(server)
        assert [entry["standing"] for entry in phone.told()["entries"]] == ["suspended"]
        with excused():
            Suspension.objects.lift(server, suspension.party)
            settle(server)
        assert [entry["standing"] for entry in phone.told(1)["entries"]] == ["active"]

    @pytest.mark.requirement("R23")
    def test_a_lifetime_is_told_when_the_policy_changes_it(self, server, ada, phone):
        change(server, by=ada, message_lifetime=DAY, queue_cap=50)
        change(server, by=ada, message_lifetime=7 * DAY)
        change(server, by=ada, queue_cap=100)
        assert phone.told()["entries"] == [
            {"number": 1, "what": "lifetime", "kind": "message", "lifetime": DAY},
            {"number": 2, "what": "lifetime", "kind": "message", "lifetime": 7 * DAY},
        ]

    def test_every_server_has_its_own_feed(self, phone):
        DeletionOrderFactory(server=ServerFactory())
        assert phone.told()["entries"] == []


class TestPages:
    """Nothing is skipped, nothing comes twice, and lengths tell nothing."""

    def test_it_is_read_page_by_page(self, server, phone):
        tell(server, feed.SIZE + 2)
        first = phone.told()
        assert [entry["number"] for entry in first["entries"]] == list(range(1, feed.SIZE + 1))
        assert (first["after"], first["more"]) == (feed.SIZE, True)
        second = phone.told(first["after"])
        assert [entry["number"] for entry in second["entries"]] == [feed.SIZE + 1, feed.SIZE + 2]
        assert (second["after"], second["more"]) == (feed.SIZE + 2, False)
        third = phone.told(second["after"])
        assert third == second | {"entries": []}

    @pytest.mark.requirement("R15")
    def test_no_entry_one_and_forty_look_alike(self, server, uma, phone):
        answers = [phone.ask()]
        for entries in (1, 39):
            for _ in range(entries):
                DeletionOrderFactory(server=server, author=uma.handle, kind="message")
            answers.append(phone.ask())
        assert [len(answer.json()["entries"]) for answer in answers] == [0, 1, 40]
        assert {len(answer.content) for answer in answers} == {feed.PAGE_BYTES}
        assert len({tuple(sorted(answer.headers)) for answer in answers}) == 1
        assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store, no-transform"}

    def test_the_longest_entries_there_are_fit(self, server, uma, phone):
        Gate.objects.filter(pk=server.pk).update(feed_number=10**12)
        ids = [public_id(utc_today(), uuid4()) for _ in range(OBJECTS_EACH * feed.SIZE)]
        FeedEntry.objects.announce(server.pk, *FeedEntry.of_many_objects(ids))
        answer = phone.ask(10**12)
        assert len(answer.json()["entries"]) == feed.SIZE
        assert len(answer.content) == feed.PAGE_BYTES

    def test_whoever_does_not_say_where_they_are_begins_at_the_beginning(self, server, phone):
        tell(server)
        assert phone.get(phone.feed).content == phone.ask(0).content

    @pytest.mark.parametrize("after", ["-1", "one", "1.5", str(2**63), "9" * 40])
    def test_what_is_no_number_is_refused(self, phone, after):
        answer = phone.ask(after)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


class TestReset:
    """A device that is behind what is remembered begins anew, and knows it."""

    def test_entries_are_remembered_for_30_days(self, server, phone):
        tell(server, 3)
        forget_up_to(server, 2)
        assert [entry["number"] for entry in phone.told(2)["entries"]] == [3]
        assert not phone.told(2)["reset"]

    @pytest.mark.parametrize("forgotten", [2, 3])
    def test_a_device_behind_them_is_told_to_begin_anew(self, server, phone, forgotten):
        tell(server, 3)
        forget_up_to(server, forgotten)
        page = phone.told(1)
        assert page == {
            "entries": [],
            "after": 3,
            "more": False,
            "reset": True,
            "admitted": True,
        }
        assert not phone.told(page["after"])["reset"]

    def test_a_device_ahead_of_a_restored_feed_begins_anew(self, server, phone):
        tell(server)
        assert (phone.told(7)["reset"], phone.told(7)["after"]) == (True, 1)

    def test_a_new_device_on_a_new_server_need_not(self, phone):
        assert phone.told() == {
            "entries": [],
            "after": 0,
            "more": False,
            "reset": False,
            "admitted": True,
        }


class TestApplied:
    """A device says how far it has come; it never goes back, and never ahead."""

    def position(self, server, device="phone", subject="uma"):
        return Device.objects.get(pk=(server.pk, device_handle(server.pk, subject, device))).number

    def test_it_moves_the_device(self, server, phone):
        tell(server, 2)
        answer = phone.done(2)
        assert (answer.status_code, answer.content) == (204, b"")
        assert self.position(server) == 2

    def test_a_replay_does_not_move_it_back(self, server, phone):
        tell(server, 2)
        for number in (2, 1, 2, 0):
            assert phone.done(number).status_code == 204
        assert self.position(server) == 2

    def test_nobody_is_done_with_what_was_not_told(self, server, phone):
        tell(server)
        answer = phone.done(2)
        assert (answer.status_code, answer.json()["code"]) == (422, "not_told")
        assert not Device.objects.exists()

    @pytest.mark.parametrize("said", [{}, {"number": "1"}, {"number": -1}, {"number": 1, "x": 1}])
    def test_another_form_is_refused(self, phone, said):
        answer = phone.post(f"{phone.feed}/applied", said, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")

    def test_each_device_goes_its_own_way(self, server, uma, phone):
        member_of(server, "max")
        tell(server, 3)
        tablet, other = FeedReader(server, device="tablet"), FeedReader(server, "max")
        for device, number in ((phone, 3), (tablet, 2), (other, 1)):
            device.done(number)
        assert self.position(server) == 3
        assert self.position(server, "tablet") == 2
        assert self.position(server, subject="max") == 1
