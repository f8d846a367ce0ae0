"""Catching up with orders: batch by batch, each row counted once, and nothing claimed unproved."""

from datetime import timedelta

import pytest

from audit.vocabulary import Action
from content import destruction, purge, stores, tasks
from content.models import DeletionOrder, EncryptedObject, Receipt
from enigm_command.lib import clock
from enigm_command.lib.clock import LONG_AGO
from enigm_command.lib.leases import LeaseLost
from tests.factories import DeletionOrderFactory
from tests.objects import LARGE, available, files_of, in_storage, member_of, sealed, store
from tests.support import actions_of, events_of

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R18")]


def finished(order):
    tasks.purge(str(order.pk))
    return DeletionOrder.objects.get(pk=order.pk)


def test_rows_and_bytes_are_destroyed_counted_and_said_once(server, uma):
    stored = [store(uma), store(uma, sealed(size=LARGE)), store(uma, kind="media")]
    order = finished(DeletionOrderFactory(server=server, previewed=3))
    assert (in_storage(server), files_of(server)) == (0, [])
    assert (order.purged, order.purged_bytes) == (3, sum(each.size for each in stored))
    assert order.is_finished
    assert actions_of(server) == [Action.DELETION_COMPLETED]

    tasks.purge(str(order.pk))
    assert actions_of(server) == [Action.DELETION_COMPLETED]
    assert Receipt.objects.count() == 1


def test_only_what_the_order_reaches_is_destroyed(server, uma):
    store(uma, kind="media")
    mine, theirs = store(uma), store(member_of(server, "max"), kind="media")
    order = finished(DeletionOrderFactory(server=server, author=uma.handle, kind="media"))
    later = store(uma, kind="media", authored_at=clock.now())
    finished(order)
    assert available(uma) == {mine.id, theirs.id, later.id}


def test_one_object_goes_alone(server, uma):
    gone, kept = store(uma, sealed(size=LARGE)), store(uma, sealed(size=LARGE))
    finished(DeletionOrderFactory(server=server, object_id=gone.id, expires_on=gone.expires_on))
    assert available(uma) == {kept.id}
    assert len(files_of(server)) == 1


def test_uploads_on_their_way_go_too(server, uma):
    stored = store(uma, sealed(size=LARGE))
    EncryptedObject.objects.filter(pk=stored.pk).update(state="pending")
    order = finished(DeletionOrderFactory(server=server))
    assert (order.purged, in_storage(server), files_of(server)) == (1, 0, [])


def test_there_is_no_hidden_cap(server, uma, monkeypatch):
    """More than a batch goes day by day, in as many batches as it takes."""
    monkeypatch.setattr(destruction, "BATCH", 3)
    for days in (1, 1, 1, 1, 2, 2, 30):
        store(uma, lasting=timedelta(days=days))
        store(uma, sealed(size=LARGE), lasting=timedelta(days=days))
    order = finished(DeletionOrderFactory(server=server))
    assert (order.purged, in_storage(server), files_of(server)) == (14, 0, [])
    assert order.is_finished


def test_little_goes_at_once_across_the_days(server, uma, django_assert_num_queries):
    for days in (1, 2, 3, 20, 30):
        store(uma, lasting=timedelta(days=days))
        store(uma, sealed(size=LARGE), lasting=timedelta(days=days))
    order = DeletionOrder.objects.claim(DeletionOrderFactory(server=server).pk)
    batches = stores.STORES[0].batches(order)
    # two of the savepoint, two renewals, a list, a deletion, and not to wait for the disk
    with django_assert_num_queries(7):
        assert purge.destroy_batch(order, batches).objects == 10
    assert purge.destroy_batch(order, batches) is None


@pytest.mark.requirement("R5")
class TestLeases:
    """The row is the truth: whoever dies is taken over, whoever is overtaken changes nothing."""

    @pytest.fixture
    def order(self, server, uma):
        store(uma, sealed(size=LARGE))
        return DeletionOrderFactory(server=server)

    def overtaken(self, order):
        """A worker that slept through its lease, and the one that took over."""
        slow = DeletionOrder.objects.claim(order.pk)
        DeletionOrder.objects.filter(pk=order.pk).update(lease_until=LONG_AGO)
        return slow, DeletionOrder.objects.claim(order.pk)

    def batches(self, order):
        return stores.STORES[0].batches(order)

    def test_one_worker_at_a_time(self, server, order):
        assert DeletionOrder.objects.claim(order.pk)
        purge.advance(order.pk)
        assert in_storage(server) == 1

    def test_an_overtaken_worker_destroys_nothing(self, server, order):
        slow, quick = self.overtaken(order)
        with pytest.raises(LeaseLost):
            purge.destroy_batch(slow, self.batches(slow))
        assert (in_storage(server), len(files_of(server))) == (1, 1)
        assert purge.destroy_batch(quick, self.batches(quick)).objects == 1
        assert DeletionOrder.objects.get(pk=order.pk).purged == 1

    def test_an_overtaken_worker_completes_nothing(self, server, order):
        slow, _ = self.overtaken(order)
        with pytest.raises(LeaseLost):
            purge.complete_deletion(slow, by=purge.SCHEDULE)
        assert actions_of(server) == []

    def test_a_worker_that_dies_is_taken_over_and_nothing_is_counted_twice(self, server, order):
        dead = DeletionOrder.objects.claim(order.pk)
        assert purge.destroy_batch(dead, self.batches(dead)).objects == 1
        DeletionOrder.objects.filter(pk=order.pk).update(lease_until=LONG_AGO)
        order = finished(order)
        assert (order.purged, order.is_finished) == (1, True)

    def test_bytes_that_went_before_a_crash_do_not_stop_the_next_worker(self, server, order):
        for path in files_of(server):
            path.unlink()
        assert finished(order).purged == 1

    def test_the_sweep_rings_for_orders_that_nobody_carries(
        self, order, rung, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            assert tasks.purges()
        assert rung == [("content.purge", str(order.pk))]
        DeletionOrder.objects.claim(order.pk)
        with django_capture_on_commit_callbacks(execute=True):
            tasks.purges()
        assert len(rung) == 1


def test_work_is_cut_in_slices_and_goes_on(
    server, uma, rung, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(purge, "SLICE", -1.0)
    monkeypatch.setattr(destruction, "BATCH", 1)
    for size in (0, LARGE):
        store(uma, sealed(size=size))
    order = DeletionOrderFactory(server=server)
    for left in (1, 0):
        with django_capture_on_commit_callbacks(execute=True):
            assert not finished(order).is_finished
        assert in_storage(server) == left
    assert finished(order).is_finished
    assert rung == [("content.purge", str(order.pk))] * 2


class Stubborn:
    """A place that does not give up what it holds."""

    def __init__(self):
        self.holds = 1

    def count(self, order):
        return {"stubborn": self.holds}

    def batches(self, order):
        return iter(())


def test_an_order_ends_only_when_every_store_counts_nothing(server, uma, monkeypatch):
    stubborn = Stubborn()
    monkeypatch.setattr(stores, "STORES", [*stores.STORES, stubborn])
    monkeypatch.setattr(purge, "STORES", stores.STORES)
    store(uma)
    order = finished(DeletionOrderFactory(server=server))
    assert (order.is_finished, order.purged) == (False, 1)
    assert actions_of(server) == []

    stubborn.holds = 0
    assert finished(order).is_finished  # its lease was let go: nobody had to wait
    assert events_of(server)[0].data["removed"] == 1


def test_the_second_look_does_not_trust_the_bound_of_the_first(server, uma):
    """Were the gate ever passed wrongly, an order would stay open and not lie."""
    order = DeletionOrderFactory(server=server, author=uma.handle)
    slipped_in = store(uma, lasting=timedelta(days=29))
    EncryptedObject.objects.filter(pk=slipped_in.pk).update(
        authored_at=order.cutoff_at.replace(microsecond=0) - timedelta(seconds=2),
        effective_at=order.cutoff_at.replace(microsecond=0) - timedelta(seconds=1),
    )
    assert not finished(order).is_finished
    assert actions_of(server) == []


@pytest.fixture
def rung(monkeypatch):
    """What was rung for, as the broker would have heard it."""
    from celery import current_app

    heard = []
    monkeypatch.setattr(
        current_app, "send_task", lambda name, args, **how: heard.append((name, *args))
    )
    return heard
