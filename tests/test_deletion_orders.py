"""What an order does at commit, before any worker has heard of it."""

from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from audit.authority import OutsideAuthority
from audit.vocabulary import Action
from content import intake
from content.actions import order_deletion
from content.models import Cutoff, DeletionOrder, Gate, ObjectDeletion
from content.scope import EVERYTHING, Scope
from enigm_command.lib import clock
from tests.objects import available, in_storage, member_of, store
from tests.support import actions_of, events_of, excused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R18")]


def place(server, by, scope=EVERYTHING, **more):
    return order_deletion(server, scope, **{"order_id": uuid4(), **more}, by=by)


def test_everything_is_dark_at_commit_and_what_is_written_later_is_not(server, uma, ada):
    store(uma)
    place(server, ada)
    assert available(uma) == set()
    fresh = store(uma, authored_at=clock.now())
    assert available(uma) == {fresh.id}
    assert in_storage(server) == 2


SCOPES = {
    "one object": lambda stored: Scope(object_id=stored.id, expires_on=stored.expires_on),
    "a member": lambda stored: Scope(author=stored.author),
    "a kind": lambda stored: Scope(kind=stored.kind),
    "a member's kind": lambda stored: Scope(author=stored.author, kind=stored.kind),
}


@pytest.mark.parametrize("scope", SCOPES.values(), ids=SCOPES)
def test_an_order_reaches_its_scope_and_no_further(server, uma, ada, scope):
    gone = store(uma, kind="media")
    other = store(member_of(server, "max"), kind="message")
    place(server, ada, scope(gone))
    assert available(uma) == {other.id}


@pytest.mark.requirement("R5")
def test_an_order_is_one_entry_and_its_reason_is_not_in_the_public_part(server, uma, ada):
    store(uma)
    order = place(server, ada, Scope(author=uma.handle), reason="Device reported stolen")
    (entry,) = events_of(server)
    assert entry.action == Action.DELETION_ORDERED
    assert entry.data == {
        "capacity": "administrator",
        "count": 1,
        "number": 1,
        "order": str(order.pk),
        "scope": "member",
    }
    assert entry.private == {"actor": "ada", "reason": "Device reported stolen"}


def test_orders_are_numbered_server_by_server(server, ada, mallory):
    assert [place(server, ada).number for _ in range(2)] == [1, 2]
    assert str(place(mallory.warrant.server, mallory)) == "D-1"


def test_the_same_order_again_is_the_same_order(server, uma, ada):
    order_id = uuid4()
    first = place(server, ada, Scope(kind="media"), order_id=order_id)
    again = place(server, ada, EVERYTHING, order_id=order_id)
    assert again == first
    assert again.scope == Scope(kind="media")
    assert actions_of(server) == [Action.DELETION_ORDERED]


@pytest.mark.requirement("R5")
def test_an_order_from_elsewhere_is_refused_and_leaves_no_trace(server, uma, mallory):
    stored = store(uma)
    with pytest.raises(OutsideAuthority):
        place(server, mallory)
    assert available(uma) == {stored.id}
    assert events_of(server) == []


class TestReviewed:
    """An order with a review reaches what the review showed, and not what came after it."""

    def test_the_cutoff_is_the_moment_of_the_review(self, server, uma, ada):
        store(uma)
        reviewed_at = clock.now()
        later = store(uma, authored_at=reviewed_at)
        order = place(server, ada, cutoff_at=reviewed_at, previewed=1)
        assert available(uma) == {later.id}
        assert order.cutoff_at == reviewed_at < order.placed_at

    def test_what_was_written_before_and_comes_between_goes_too(self, server, uma, ada):
        reviewed_at = clock.now()
        late = store(uma, authored_at=reviewed_at - timedelta(minutes=2))
        order = place(server, ada, cutoff_at=reviewed_at)
        assert order.cutoff_at < late.received_at
        assert available(uma) == set()
        assert order.purgeable().get() == late

    def test_no_review_can_reach_into_the_future(self, server, uma, ada):
        order = place(server, ada, cutoff_at=clock.now() + timedelta(days=1))
        assert order.cutoff_at == order.placed_at
        assert store(uma).id in available(uma)


class TestStaleDevices:
    """What an order took stays gone, however often a device offers it again."""

    OFFERS = pytest.mark.parametrize("age", [timedelta(seconds=2), timedelta(days=1)])

    @OFFERS
    def test_an_old_copy_is_refused(self, server, uma, ada, age):
        place(server, ada)
        with pytest.raises(intake.AlreadyDeleted):
            store(uma, authored_at=clock.now() - age)
        assert in_storage(server) == 0

    @OFFERS
    @pytest.mark.parametrize("scope", [{"kind": "message"}, {"author": "uma"}])
    def test_a_narrow_order_refuses_its_own(self, server, uma, ada, age, scope):
        place(server, ada, Scope(**scope | ({"author": uma.handle} if "author" in scope else {})))
        with pytest.raises(intake.AlreadyDeleted):
            store(uma, authored_at=clock.now() - age)
        assert store(member_of(server, "max"), kind="media", authored_at=clock.now() - age)

    def test_the_same_key_does_not_bring_back_one_deleted_object(self, server, uma, ada):
        key = uuid4()
        gone = store(uma, key=key)
        place(server, ada, Scope(object_id=gone.id, expires_on=gone.expires_on))
        with pytest.raises(intake.AlreadyDeleted):
            store(uma, key=key)

    def test_within_its_second_an_object_is_not_darkened_by_an_earlier_one(self, server, uma, ada):
        """`authored_at` is kept to the second; its end decides, or new content would be dark."""
        next_moment = place(server, ada).cutoff_at + timedelta(microseconds=1)
        assert store(uma, authored_at=next_moment).id in available(uma)


@pytest.mark.requirement("R5")
@pytest.mark.django_db(transaction=True)
class TestGuards:
    """What the database refuses, whoever writes the Python."""

    def test_an_order_without_its_entry_does_not_commit(self, server):
        with refused_at_commit():
            DeletionOrder.objects.place(server.pk, EVERYTHING)
        assert not DeletionOrder.objects.of(server.pk).exists()
        assert Gate.objects.get(pk=server.pk).feed_number == 0

    def test_what_an_order_decided_is_not_changed_without_an_entry(self, server, ada):
        order = place(server, ada, Scope(kind="media"))
        orders = DeletionOrder.objects.filter(pk=order.pk)
        for change in ({"kind": "message"}, {"finished_at": clock.LONG_AGO}, {"previewed": 1}):
            with refused_at_commit():
                orders.update(**change)
        for change in ({"floor": clock.LONG_AGO}, {"room_bytes": 1}, {"held_since": None}):
            with refused_at_commit():
                Gate.objects.filter(pk=server.pk).update(**change)
        with refused_at_commit():
            Cutoff.objects.filter(server_id=server.pk).update(cutoff_at=clock.LONG_AGO)

    def test_a_cutoff_stays_while_it_may_keep_something_in_the_dark(self, server, ada):
        place(server, ada, Scope(kind="media"))
        with pytest.raises(IntegrityError, match="may still keep something in the dark"):
            Cutoff.objects.filter(server_id=server.pk).delete()

    def test_work_and_what_members_do_with_their_own_needs_none(self, server, ada):
        order = place(server, ada)
        DeletionOrder.objects.claim(order.pk).renew(purged=5)
        assert DeletionOrder.objects.get(pk=order.pk).purged == 5
        ObjectDeletion.objects.record(server.pk, uuid4(), clock.now().date(), by_author=True)
        with pytest.raises(transaction.TransactionManagementError):
            Gate.objects.enter(server.pk)  # it would be left at once


@contextmanager
def refused_at_commit():
    with pytest.raises(IntegrityError, match="without an audit event"), transaction.atomic():
        yield


def test_an_order_waits_with_its_purge_while_a_hold_stands(server, ada):
    """A hold delays what was ordered after it began. It brings nothing back."""
    order = place(server, ada)
    with excused():
        Gate.objects.filter(pk=server.pk).update(held_since=order.placed_at - timedelta(days=1))
    assert DeletionOrder.objects.claim(order.pk) is None
    with excused():
        Gate.objects.filter(pk=server.pk).update(held_since=clock.now())
    assert DeletionOrder.objects.claim(order.pk)
