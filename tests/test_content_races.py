"""Two sessions on a real database: what must hold whoever comes first."""

import io
from datetime import timedelta
from threading import Event
from time import monotonic, sleep
from uuid import uuid4

import pytest
from django.db import connection, transaction

from content import intake, own_deletions, partitions, purge, tasks
from content.actions import order_deletion
from content.arrival import Arrival
from content.models import DeletionOrder, EncryptedObject, IntakeKey
from content.scope import EVERYTHING, Scope
from enigm_command.lib import clock
from tests.factories import DeletionOrderFactory
from tests.objects import (
    LARGE,
    arriving,
    available,
    files_of,
    in_storage,
    member_of,
    offer,
    sealed,
    store,
)
from tests.support import excused

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.requirement("R18")]

PATIENCE = 20  # seconds until a race counts as a deadlock


@pytest.mark.parametrize("narrow", [True, False])
def test_an_insert_held_open_across_an_order_never_survives(server, uma, ada, elsewhere, narrow):
    scope = Scope(author=uma.handle) if narrow else EVERYTHING
    with transaction.atomic():
        for size in (0, LARGE):
            store(uma, sealed(size=size))
        waiting = elsewhere(lambda: order_deletion(server, scope, order_id=uuid4(), by=ada))
        sleep(0.3)
        assert not waiting.done()  # at the gate
    order = waiting.result(PATIENCE)
    assert available(uma) == set()
    tasks.purge(str(order.pk))
    assert (in_storage(server), files_of(server)) == (0, [])
    assert DeletionOrder.objects.get(pk=order.pk).purged == 2


@pytest.mark.parametrize("narrow", [True, False])
def test_an_upload_that_waited_behind_an_order_sees_it(server, uma, elsewhere, narrow):
    """Its clock and its cutoffs are read after the wait, not as of its beginning."""
    scope = Scope(author=uma.handle) if narrow else EVERYTHING
    yesterday = clock.now() - timedelta(days=1)
    placed, may_commit = Event(), Event()

    def place_slowly():
        with excused():
            DeletionOrder.objects.place(server.pk, scope)
            placed.set()
            may_commit.wait(PATIENCE)

    order = elsewhere(place_slowly)
    placed.wait(PATIENCE)
    stale = elsewhere(lambda: store(uma, authored_at=yesterday))
    large = elsewhere(lambda: store(uma, sealed(size=LARGE), authored_at=yesterday))
    fresh = elsewhere(lambda: store(uma, authored_at=clock.now() + timedelta(minutes=1)))
    sleep(0.3)
    assert not any(upload.done() for upload in (stale, large, fresh))
    may_commit.set()
    order.result(PATIENCE)
    for upload in (stale, large):
        with pytest.raises(intake.AlreadyDeleted):
            upload.result(PATIENCE)
    stored = fresh.result(PATIENCE)
    assert available(uma) == {stored.id}
    assert files_of(server) == []


def test_a_slow_body_keeps_no_order_waiting_and_does_not_survive_it(server, uma, ada, elsewhere):
    halfway, may_go_on = Event(), Event()

    class Slow(io.BytesIO):
        def read(self, size=-1, /):
            if self.tell() > envelope_read:
                halfway.set()
                may_go_on.wait(PATIENCE)
            return super().read(size)

    body = sealed(size=LARGE * 40)
    envelope_read = 300_000
    said = offer(authored_at=clock.now() - timedelta(seconds=2))
    upload = elsewhere(lambda: intake.store(said, Arrival(Slow(body), len(body)), lambda: uma))
    halfway.wait(PATIENCE)
    began = monotonic()
    order = order_deletion(server, EVERYTHING, order_id=uuid4(), by=ada)
    assert monotonic() - began < 2
    tasks.purge(str(order.pk))
    assert DeletionOrder.objects.get(pk=order.pk).is_finished
    may_go_on.set()
    with pytest.raises(intake.AlreadyDeleted):
        upload.result(PATIENCE)
    assert (in_storage(server), files_of(server)) == (0, [])


def test_the_same_key_at_the_same_time_is_one_object(server, uma, elsewhere):
    key, bodies = uuid4(), [sealed(size=size) for size in (0, LARGE, 0, LARGE)]
    uploads = [
        elsewhere(lambda body=body: intake.store(offer(key=key), arriving(body), lambda: uma))
        for body in bodies
    ]
    results = [upload.result(PATIENCE) for upload in uploads]
    assert len({stored.id for stored, _ in results}) == 1
    assert [is_new for _, is_new in results].count(True) == 1
    assert (in_storage(server), IntakeKey.objects.filter(server_id=server.pk).count()) == (1, 1)
    assert len(files_of(server)) <= 1


def test_the_same_order_at_the_same_time_is_one_order(server, ada, elsewhere):
    order_id = uuid4()
    placed = [
        elsewhere(lambda: order_deletion(server, EVERYTHING, order_id=order_id, by=ada))
        for _ in range(4)
    ]
    assert {order.result(PATIENCE).number for order in placed} == {1}


def test_two_purges_at_once_count_each_row_once(server, uma, elsewhere, monkeypatch):
    monkeypatch.setattr("content.destruction.BATCH", 4)
    for _ in range(12):
        store(uma)
    store(uma, sealed(size=LARGE))
    orders = [DeletionOrderFactory(server=server, kind=kind) for kind in ("message", "")]
    for _ in range(5):  # whoever found the other at work comes back, as the sweep would make it
        work = [elsewhere(lambda pk=order.pk: purge.advance(pk)) for order in orders]
        assert [done.result(PATIENCE) for done in work] == [None, None]
    finished = DeletionOrder.objects.of(server.pk)
    assert all(order.is_finished for order in finished)
    assert sum(order.purged for order in finished) == 13
    assert (in_storage(server), files_of(server)) == (0, [])


def test_a_member_who_deletes_everything_loses_to_nobody(server, uma, elsewhere):
    with transaction.atomic():
        store(uma)
        waiting = elsewhere(lambda: own_deletions.delete_all(uma))
        sleep(0.3)
        assert not waiting.done()
    waiting.result(PATIENCE)
    assert available(uma) == set()


@pytest.mark.requirement("R17")
def test_a_drop_behind_a_long_reader_does_not_stop_uploads(server, uma, elsewhere):
    past = partitions.utc_today() - timedelta(days=1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT content_make_partition(%s)", [past])
    reading, may_end = Event(), Event()

    def read_slowly():
        with transaction.atomic():
            EncryptedObject.objects.filter(expires_on__gte=past).exists()
            reading.set()
            may_end.wait(PATIENCE)

    reader = elsewhere(read_slowly)
    reading.wait(PATIENCE)
    drop = elsewhere(lambda: partitions.drop_partition(past))
    waits, until = [], monotonic() + 1.0
    while monotonic() < until:
        began = monotonic()
        store(uma)
        waits.append(monotonic() - began)
    assert past in partitions.days()
    may_end.set()
    reader.result(PATIENCE)
    assert drop.result(PATIENCE) or partitions.drop_partition(past)
    assert past not in partitions.days()
    assert max(waits) < 1.0  # a plain DROP would hold them all up until the reader ends


def test_members_of_two_servers_do_not_wait_for_each_other(server, uma, mallory, elsewhere):
    theirs = member_of(mallory.warrant.server)
    with excused():
        DeletionOrder.objects.place(server.pk, EVERYTHING)
        assert elsewhere(lambda: store(theirs)).result(PATIENCE)
