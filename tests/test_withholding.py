"""Withholding: content that nobody can open, that is not deleted, and that lives no longer."""

from datetime import timedelta
from threading import Event
from uuid import uuid4

import pytest

from audit.authority import OutsideAuthority
from audit.vocabulary import Action
from content import actions, tasks
from content.models import (
    AlreadyReleased,
    AlreadyWithheld,
    DeletionOrder,
    EncryptedObject,
    FeedEntry,
    Withholding,
)
from content.scope import EVERYTHING, Scope
from enigm_command.lib import clock
from enigm_command.lib.models import SweepRun
from tests.factories import ServerFactory, WithholdingFactory
from tests.objects import available, in_storage, member_of, put_back, store
from tests.support import actions_of, events_of, excused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R20")]

PATIENCE = 20  # seconds until a race counts as a deadlock


@pytest.fixture
def max_(server):
    """Another member."""
    return member_of(server, "max")


class TestReach:
    """What is withheld is its scope and no further, from the commit on."""

    def test_everything(self, server, uma, ada):
        store(uma), store(uma, kind="media")
        actions.withhold(server, EVERYTHING, by=ada)
        assert (available(uma), in_storage(server)) == (set(), 2)

    def test_a_kind(self, server, uma, ada):
        message, _ = store(uma), store(uma, kind="media")
        actions.withhold(server, Scope(kind="media"), by=ada)
        assert available(uma) == {message.id}

    @pytest.mark.parametrize(("kind", "left"), [("", 1), ("media", 2)])
    def test_what_one_member_sent(self, server, uma, max_, ada, kind, left):
        store(uma), store(uma, kind="media"), store(max_)
        actions.withhold(server, Scope(author=uma.handle, kind=kind), by=ada)
        assert len(available(max_)) == len(available(uma)) == left

    def test_another_server_is_not_reached(self, server, ada):
        theirs = member_of(ServerFactory(), "uma")
        stored = store(theirs)
        actions.withhold(server, EVERYTHING, by=ada)
        assert available(theirs) == {stored.id}

    def test_what_comes_meanwhile_is_taken_in_and_withheld(self, server, uma, ada):
        withholding = actions.withhold(server, EVERYTHING, by=ada)
        came = store(uma, key=(key := uuid4()))
        assert available(uma) == set()
        assert store(uma, key=key) == came  # a device that sends again is told the same
        actions.release(withholding, by=ada)
        assert available(uma) == {came.id}


class TestEnd:
    """It ends by a person or by its date, once, and what is left can be opened again."""

    def test_a_release_gives_back_what_is_left(self, server, uma, ada):
        stored = store(uma)
        withholding = actions.withhold(server, EVERYTHING, by=ada)
        actions.release(withholding, by=ada)
        assert available(uma) == {stored.id}
        assert Withholding.objects.get().released_at

    def test_of_two_that_overlap_the_other_goes_on(self, server, uma, ada):
        store(uma)
        whole = WithholdingFactory(server=server)
        WithholdingFactory(server=server, kind="message")
        actions.release(whole, by=ada)
        assert available(uma) == set()

    def test_its_date_ends_it_and_no_worker_need_have_run(self, server, uma):
        stored = store(uma)
        ends_at = clock.now() + timedelta(hours=1)
        WithholdingFactory(server=server, ends_at=ends_at)
        at = EncryptedObject.objects.available
        assert not at(uma, ends_at - timedelta(seconds=1)).exists()
        assert at(uma, ends_at).get() == stored

    def test_the_sweep_records_and_tells_what_the_date_has_ended(self, server):
        over = WithholdingFactory(server=server, ends_at=clock.now() - timedelta(hours=1))
        WithholdingFactory(server=server, ends_at=clock.now() + timedelta(hours=1))
        WithholdingFactory(server=server, kind="media")
        assert tasks.withholdings()
        tasks.withholdings()
        assert Withholding.objects.exclude(released_at=None).get() == over
        assert actions_of(server) == [Action.CONTENT_RELEASED]
        assert FeedEntry.objects.get(what="release").about == over.number

    def test_a_sweep_that_died_halfway_is_carried_on(self, server, elsewhere):
        WithholdingFactory(server=server, ends_at=clock.now() - timedelta(hours=1))
        SweepRun.objects.get_or_create(name="content.withholdings")
        dead = SweepRun.objects.claim("content.withholdings")
        assert not tasks.withholdings()
        SweepRun.objects.filter(pk=dead.pk).update(lease_until=clock.now())
        assert tasks.withholdings()
        assert actions_of(server) == [Action.CONTENT_RELEASED]

    def test_the_second_release_loses_and_leaves_no_trace(self, server, ada):
        withholding = WithholdingFactory(server=server)
        actions.release(withholding, by=ada)
        with pytest.raises(AlreadyReleased):
            actions.release(withholding, by=ada)
        assert actions_of(server) == [Action.CONTENT_RELEASED]

    @pytest.mark.requirement("R17")
    def test_what_is_withheld_still_expires_and_no_release_brings_it_back(self, server, uma, ada):
        written = clock.now() - timedelta(minutes=10)
        stored = store(uma, authored_at=written, lasting=timedelta(minutes=10, seconds=8))
        withholding = actions.withhold(server, EVERYTHING, by=ada)
        put_back(stored, timedelta(seconds=16))
        tasks.expire()
        actions.release(withholding, by=ada)
        assert (available(uma), in_storage(server)) == (set(), 0)

    @pytest.mark.requirement("R18")
    def test_a_deletion_reaches_what_is_withheld(self, server, uma, ada):
        store(uma)
        withholding = actions.withhold(server, EVERYTHING, by=ada)
        order = actions.order_deletion(server, EVERYTHING, order_id=uuid4(), by=ada)
        tasks.purge(str(order.pk))
        actions.release(withholding, by=ada)
        assert (available(uma), in_storage(server)) == (set(), 0)
        assert DeletionOrder.objects.get().purged == 1


class TestRecord:
    """Who did it and why stands in the log; the devices are told with the same commit."""

    def test_the_entry_says_what_and_how_much(self, server, uma, ada):
        store(uma), store(uma, kind="media")
        ends_at = clock.now() + timedelta(days=3)
        scope = Scope(kind="media")
        held = actions.withhold(server, scope, ends_at=ends_at, reason="Under review", by=ada)
        actions.release(held, by=ada)
        withheld, released = events_of(server)
        assert withheld.sentence == "withheld content, W-1: 1 objects"
        assert withheld.private["reason"] == "Under review"
        assert (withheld.data["scope"], withheld.data["withholding"]) == ("kind", str(held.pk))
        assert withheld.data["ends_at"] == ends_at.isoformat(timespec="seconds")
        assert released.sentence == "released content: withholding W-1 is over"

    def test_the_reason_is_sealed(self, server, ada):
        held = actions.withhold(server, EVERYTHING, reason="Under review", by=ada)
        assert Withholding.objects.get(pk=held.pk).reason == "Under review"
        assert b"review" not in Withholding.objects.values_list("reason", flat=True).get()

    def test_the_devices_are_told(self, server, ada, uma):
        ends_at = clock.now() + timedelta(days=3)
        scope = Scope(author=uma.handle, kind="media")
        withheld = actions.withhold(server, scope, ends_at=ends_at, by=ada)
        actions.release(withheld, by=ada)
        told, ended = FeedEntry.objects.of(server.pk).order_by("number")
        assert (told.number, told.author, told.kind) == (withheld.number, uma.handle, "media")
        assert (told.until, ended.about) == (ends_at, withheld.number)

    def test_the_same_twice_is_refused_and_leaves_no_trace(self, server, ada):
        actions.withhold(server, EVERYTHING, by=ada)
        with pytest.raises(AlreadyWithheld):
            actions.withhold(server, EVERYTHING, by=ada)
        assert actions_of(server) == [Action.CONTENT_WITHHELD]
        assert FeedEntry.objects.of(server.pk).count() == 1

    def test_what_its_date_has_ended_does_not_stand_in_the_way(self, server, ada):
        WithholdingFactory(server=server, ends_at=clock.now() - timedelta(hours=1))
        assert actions.withhold(server, EVERYTHING, by=ada)

    def test_a_stranger_withholds_and_releases_nothing(self, server, uma, mallory):
        stored = store(uma)
        with pytest.raises(OutsideAuthority):
            actions.withhold(server, EVERYTHING, by=mallory)
        assert available(uma) == {stored.id}
        withholding = WithholdingFactory(server=server)
        with pytest.raises(OutsideAuthority):
            actions.release(withholding, by=mallory)
        assert (available(uma), actions_of(server)) == (set(), [])

    def test_a_single_object_is_not_withheld(self, server, ada):
        with pytest.raises(AssertionError):
            actions.withhold(server, Scope(object_id=uuid4()), by=ada)


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    """Two sessions on a real database."""

    def test_of_two_at_once_one_withholds(self, server, ada, elsewhere):
        def try_it():
            try:
                return actions.withhold(server, EVERYTHING, by=ada)
            except AlreadyWithheld:
                return None

        tried = [elsewhere(try_it) for _ in range(8)]
        assert len([each for each in tried if each.result(PATIENCE)]) == 1
        assert actions_of(server) == [Action.CONTENT_WITHHELD]

    def test_of_two_at_once_one_releases(self, server, ada, elsewhere):
        withholding = WithholdingFactory(server=server)

        def try_it():
            try:
                return actions.release(withholding, by=ada) is None
            except AlreadyReleased:
                return False

        tried = [elsewhere(try_it) for _ in range(8)]
        assert sum(each.result(PATIENCE) for each in tried) == 1
        assert actions_of(server) == [Action.CONTENT_RELEASED]

    def test_it_acts_at_commit_and_keeps_no_upload_waiting(self, server, uma, elsewhere):
        placed, may_commit = Event(), Event()

        def withhold_slowly():
            with excused():
                Withholding.objects.place(server.pk, EVERYTHING)
                placed.set()
                may_commit.wait(PATIENCE)

        withholding = elsewhere(withhold_slowly)
        placed.wait(PATIENCE)
        came = elsewhere(lambda: store(uma)).result(PATIENCE)
        assert available(uma) == {came.id}
        may_commit.set()
        withholding.result(PATIENCE)
        assert available(uma) == set()


def test_a_withheld_server_is_listed_without_a_look_at_its_objects(
    server, uma, django_assert_num_queries
):
    store(uma)
    WithholdingFactory(server=server)
    with django_assert_num_queries(1) as asked:
        assert available(uma) == set()
    assert "content_withholding" in asked.captured_queries[0]["sql"]
