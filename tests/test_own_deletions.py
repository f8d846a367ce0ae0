"""What members delete of their own: dark at once, erased by a sweep, and nobody's act of power."""

from datetime import timedelta
from uuid import uuid4

import pytest

from content import intake, own_deletions, tasks
from content.models import EncryptedObject, FeedEntry, Gate, ObjectDeletion, OwnCutoff
from enigm_command.lib import clock
from tests.factories import DeletionOrderFactory
from tests.objects import LARGE, available, files_of, in_storage, member_of, sealed, store
from tests.support import actions_of, excused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R18")]


@pytest.fixture
def max_(server):
    """Another member."""
    return member_of(server, "max")


def test_one_object_is_dark_at_once_and_erased_by_the_sweep(server, uma):
    gone, kept = store(uma, sealed(size=LARGE)), store(uma)
    assert own_deletions.delete_one(uma, gone.public_id)
    assert (available(uma), in_storage(server)) == ({kept.id}, 2)
    tasks.own_deletions()
    assert (available(uma), in_storage(server), files_of(server)) == ({kept.id}, 1, [])
    assert actions_of(server) == []


def test_nobody_deletes_what_is_not_theirs(uma, max_):
    theirs = store(max_)
    assert not own_deletions.delete_one(uma, theirs.public_id)
    assert available(uma) == {theirs.id}


def test_a_deleted_object_does_not_come_back_with_its_key(uma):
    gone = store(uma, key=(key := uuid4()))
    own_deletions.delete_one(uma, gone.public_id)
    with pytest.raises(intake.AlreadyDeleted):
        store(uma, key=key)


def test_everything_of_ones_own_is_dark_at_once_and_erased_by_the_sweep(server, uma, max_):
    for size in (0, LARGE):
        store(uma, sealed(size=size), kind="media")
    theirs = store(max_)
    cutoff_at = own_deletions.delete_all(uma)
    later = store(uma, authored_at=cutoff_at + timedelta(microseconds=1))
    assert available(uma) == {theirs.id, later.id}
    tasks.own_deletions()
    assert (in_storage(server), files_of(server)) == (2, [])
    assert OwnCutoff.objects.get(server_id=server.pk).finished_at


def test_a_stale_device_of_the_same_member_brings_nothing_back(uma, max_):
    own_deletions.delete_all(uma)
    yesterday = clock.now() - timedelta(days=1)
    with pytest.raises(intake.AlreadyDeleted):
        store(uma, authored_at=yesterday)
    assert store(max_, authored_at=yesterday)


def test_deleting_everything_again_reaches_what_came_since(server, uma):
    own_deletions.delete_all(uma)
    tasks.own_deletions()
    store(uma, authored_at=clock.now())
    own_deletions.delete_all(uma)
    assert available(uma) == set()
    tasks.own_deletions()
    assert in_storage(server) == 0


def test_a_sweep_that_is_overtaken_by_a_newer_wish_does_not_call_it_finished(server, uma):
    own_deletions.delete_all(uma)
    older = OwnCutoff.objects.get(server_id=server.pk)
    own_deletions.delete_all(uma)
    own_deletions._erase_batch(Renewable(), older)
    assert OwnCutoff.objects.unfinished().count() == 1


def test_an_order_counts_what_it_erases_and_not_what_members_did(server, uma):
    """One row is destroyed by one of the two, and counted by that one."""
    gone, _ = store(uma), store(uma)
    own_deletions.delete_one(uma, gone.public_id)
    tasks.own_deletions()
    order = DeletionOrderFactory(server=server)
    tasks.purge(str(order.pk))
    order.refresh_from_db()
    assert order.purged == 1


def test_the_records_go_when_nothing_they_name_can_be_alive(server, uma):
    own_deletions.delete_one(uma, store(uma).public_id)
    own_deletions.delete_all(uma)
    tasks.expire()
    assert (ObjectDeletion.objects.count(), OwnCutoff.objects.count()) == (1, 1)
    ObjectDeletion.objects.update(expires_on=clock.now().date() - timedelta(days=2))
    OwnCutoff.objects.update(cutoff_at=clock.now() - timedelta(days=32))
    tasks.expire()
    assert (ObjectDeletion.objects.count(), OwnCutoff.objects.count()) == (0, 0)
    assert EncryptedObject.objects.filter(server_id=server.pk).exists()


class TestUnderAHold:
    """What was taken back after a hold began is dark and told at once, and erased when it ends."""

    @pytest.fixture
    def held(self, server):
        self.hold(server, clock.now())
        return server

    def hold(self, server, since):
        with excused():
            Gate.objects.filter(pk=server.pk).update(held_since=since)

    def test_it_waits_for_the_hold_and_devices_are_told_all_the_same(self, held, uma):
        one = store(uma)
        own_deletions.delete_one(uma, one.public_id)
        tasks.own_deletions()
        assert (available(uma), in_storage(held)) == (set(), 1)
        assert FeedEntry.objects.of(held.pk).get().object_ids == [one.public_id]

        store(uma)
        own_deletions.delete_all(uma)
        tasks.own_deletions()
        assert (available(uma), in_storage(held)) == (set(), 2)
        self.hold(held, None)
        tasks.own_deletions()
        assert in_storage(held) == 0
        assert FeedEntry.objects.of(held.pk).count() == 2, "each is told once"

    def test_what_is_older_than_the_hold_is_erased(self, server, uma):
        own_deletions.delete_one(uma, store(uma).public_id)
        store(uma)
        own_deletions.delete_all(uma)
        self.hold(server, clock.now())
        tasks.own_deletions()
        assert in_storage(server) == 0


class Renewable:
    """A lease that holds."""

    def renew(self):
        pass
