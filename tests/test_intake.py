"""How objects come in: sealed, bounded, once, and with nothing left behind when they do not."""

import hashlib
import io
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from content import blobs, intake, tasks
from content.actions import order_deletion
from content.arrival import Arrival, CutShort, NotSealed
from content.lifetimes import whole_second
from content.models import EncryptedObject, Gate, ObjectCount
from content.partitions import utc_today
from content.scope import EVERYTHING
from enigm_command.lib import clock
from membership.access import Purpose, Refused, admit
from membership.models import Membership
from servers.models import Standing
from tests.app import app_token
from tests.factories import PolicyVersionFactory, ServerFactory
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

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R16")]


@pytest.mark.parametrize("size", [0, LARGE])
def test_an_object_is_available_as_soon_as_it_is_stored(server, uma, size):
    body = sealed(size=size)
    stored = store(uma, body, kind="media")
    assert available(uma) == {stored.id}
    row = EncryptedObject.objects.get(pk=stored.pk)
    assert (row.kind, row.author, row.size, row.state) == ("media", uma.handle, len(body), "ready")
    assert bytes(row.sha256) == hashlib.sha256(body).digest()


def test_a_small_body_lies_in_its_row_and_a_large_one_apart(server, uma):
    small, large = sealed(), sealed(size=LARGE)
    assert bytes(store(uma, small).body) == small
    assert files_of(server) == []
    stored = store(uma, large)
    assert stored.body is None
    assert [path.read_bytes() for path in files_of(server)] == [large]
    assert str(blobs.BlobName(*stored.pk)) in str(files_of(server)[0])


@pytest.mark.requirement("R9")
@pytest.mark.parametrize("region", ["us", "europe", "asia"])
@pytest.mark.parametrize("size", [0, LARGE])
def test_a_body_never_leaves_its_region(settings, region, size):
    """With the database elsewhere, not even a small body lies in it."""
    settings.DATABASE_REGION = "asia" if region != "asia" else "us"
    server = ServerFactory(region=region)
    store(member_of(server), body := sealed(size=size))
    assert EncryptedObject.objects.get(server_id=server.pk).body is None
    for each in ("us", "europe", "asia"):
        lies_there = [path.read_bytes() for path in files_of(server, each)]
        assert lies_there == ([body] if each == region else [])


def test_a_body_that_is_not_sealed_leaves_nothing(server, uma):
    for body in (b"Meet me at noon", b"Meet me at noon" * LARGE):
        with pytest.raises(NotSealed):
            store(uma, body)
    assert in_storage(server) == 0
    assert files_of(server) == []


@pytest.mark.parametrize("size", [0, LARGE])
def test_a_body_that_ends_early_leaves_nothing(server, uma, size):
    body = sealed(size=size)
    short = Arrival(io.BytesIO(body[:-1]), len(body))
    with pytest.raises(CutShort):
        intake.store(offer(), short, lambda: uma)
    assert in_storage(server) == 0
    assert files_of(server) == []


def test_a_connection_that_breaks_leaves_nothing(server, uma):
    class Broken(io.BytesIO):
        def read(self, size=-1, /):
            if self.tell() > 10_000:
                raise OSError("connection reset")
            return super().read(min(size, 1000))

    body = sealed(size=LARGE * 20)
    with pytest.raises(CutShort):
        intake.store(offer(), Arrival(Broken(body), len(body)), lambda: uma)
    assert in_storage(server) == 0


@pytest.mark.parametrize("size", [0, LARGE])
def test_the_same_key_is_the_same_object(server, uma, size):
    key, body = uuid4(), sealed(size=size)
    first, is_new = intake.store(offer(key=key), arriving(body), lambda: uma)
    again, is_new_again = intake.store(offer(key=key), arriving(sealed()), lambda: uma)
    assert (first.pk, is_new, is_new_again) == (again.pk, True, False)
    assert in_storage(server) == 1
    assert store(member_of(server, "max"), key=key).pk != first.pk  # keys are each author's own


class TestPolicy:
    """What the server's policy says holds at the moment the object is stored."""

    pytestmark = pytest.mark.requirement("R23")

    def test_a_kind_that_is_not_allowed_is_refused(self, server, uma):
        PolicyVersionFactory(server=server, media_allowed=False)
        with pytest.raises(intake.NotByPolicy):
            store(member_of(server), kind="media")
        assert store(member_of(server), kind="message")

    @pytest.mark.requirement("R17")
    def test_the_shortest_of_three_lifetimes_counts(self, server, uma):
        PolicyVersionFactory(server=server, message_lifetime=timedelta(hours=2))
        uma = member_of(server)
        for lasting, lives in [(1, 1), (2, 2), (3, 2)]:
            stored = store(uma, lasting=timedelta(hours=lasting))
            assert stored.expires_at - stored.authored_at == timedelta(hours=lives)
        stored = store(uma, kind="media", lasting=timedelta(days=99))
        assert stored.expires_at - stored.authored_at == timedelta(days=30)

    def test_a_full_server_takes_in_nothing_more(self, server, uma):
        with excused():
            Gate.objects.filter(pk=server.pk).update(room_bytes=1000)
        ObjectCount.objects.create(
            server_id=server.pk,
            expires_on=utc_today(),
            kind="message",
            objects_held=1,
            bytes_held=900,
            oldest_at=clock.now(),
        )
        with pytest.raises(intake.NoRoom):
            store(uma)


@pytest.mark.requirement("R17")
class TestTime:
    """The device says when it was written; the database decides what that is worth."""

    def test_a_time_to_come_is_brought_back_to_now(self, uma):
        before = clock.now()
        stored = store(uma, authored_at=before + timedelta(days=3))
        assert whole_second(before) <= stored.authored_at <= stored.received_at
        assert stored.expires_at <= stored.received_at + timedelta(days=30)

    def test_a_second_upload_wins_no_time(self, uma):
        written = clock.now() - timedelta(days=29)
        stored = store(uma, authored_at=written)
        assert stored.expires_at == whole_second(written) + timedelta(days=30)

    @pytest.mark.requirement("R18")
    @pytest.mark.parametrize("size", [0, LARGE])
    def test_a_copy_of_what_was_deleted_in_the_second_it_was_written_stays_gone(
        self, server, uma, oren, size
    ):
        written, body = clock.now(), sealed(size=size)
        store(uma, body, authored_at=written)
        order_deletion(server, EVERYTHING, order_id=uuid4(), by=oren)
        for told_at in (written, whole_second(written)):
            with pytest.raises(intake.AlreadyDeleted):
                store(uma, body, authored_at=told_at)
        assert available(uma) == set()

    @pytest.mark.requirement("R18")
    def test_what_is_written_in_the_second_of_an_order_after_it_is_taken_in(
        self, server, uma, oren
    ):
        order_deletion(server, EVERYTHING, order_id=uuid4(), by=oren)
        stored = store(uma, authored_at=clock.now())
        assert available(uma) == {stored.id}

    def test_what_is_over_is_not_taken_in(self, server, uma):
        for age, lasting in [(31, 30), (2, 1)]:
            with pytest.raises(intake.AlreadyExpired):
                store(
                    uma,
                    authored_at=clock.now() - timedelta(days=age),
                    lasting=timedelta(days=lasting),
                )
        assert in_storage(server) == 0

    def test_large_objects_count_from_when_they_have_arrived(self, server, uma):
        stored = store(uma, sealed(size=LARGE))
        assert stored == EncryptedObject.objects.get(pk=stored.pk)
        assert stored.effective_at == min(
            stored.authored_at + timedelta(seconds=1), stored.received_at
        )


@pytest.mark.requirement("R3")
class TestPower:
    """Who may is asked again when everything has arrived."""

    def leave(self, server):
        with excused():
            Membership.objects.filter(server=server).delete()

    def suspend(self, server):
        with excused():
            type(server).objects.filter(pk=server.pk).update(standing=Standing.SUSPENDED)

    def forbid(self, server):
        PolicyVersionFactory(server=server, media_allowed=False)

    @pytest.mark.parametrize("change", ["leave", "suspend", "forbid"])
    @pytest.mark.parametrize("size", [0, LARGE])
    def test_who_lost_it_during_the_upload_is_refused(self, server, uma, change, size):
        class Interrupted(io.BytesIO):
            def read(source, wanted=-1, /):
                if source.tell() == 0:
                    getattr(self, change)(server)
                return super().read(wanted)

        body = sealed(size=size)
        with pytest.raises((Refused, intake.NotByPolicy)):
            intake.store(
                offer(kind="media"),
                Arrival(Interrupted(body), len(body)),
                lambda: admit(app_token(), server.locator, Purpose.STORE),
            )
        assert in_storage(server) == 0
        assert files_of(server) == []


def test_an_upload_sends_little_while_an_order_would_wait_for_it(server, uma):
    """Lock and questions, cutoffs, row, key."""
    with CaptureQueriesContext(connection) as asked:
        store(uma, key=uuid4())
    sent = [each["sql"] for each in asked if "SAVEPOINT" not in each["sql"]]
    (entered,) = [at for at, sql in enumerate(sent) if "pg_advisory_xact_lock_shared" in sql]
    assert len(sent) - entered == 4


class TestAbandoned:
    """Uploads that never end: the process died, or the sender stopped."""

    @pytest.fixture
    def abandoned(self, server, uma):
        upload = intake._Upload(
            offer(lasting=timedelta(days=20)), arriving(sealed(size=LARGE)), lambda: uma, uma
        )
        pending = upload._new_row()
        pending.save(force_insert=True)
        blobs.keep(blobs.BlobName(*pending.pk), upload.arrival)
        return upload, pending

    def test_what_is_pending_is_not_available(self, uma, abandoned):
        assert available(uma) == set()

    def test_the_sweep_leaves_young_ones_alone_and_takes_the_others(self, server, abandoned):
        tasks.expire()
        assert in_storage(server) == 1
        self.age(abandoned[1])
        tasks.expire()
        assert (in_storage(server), files_of(server)) == (0, [])

    def test_one_that_ends_after_all_is_told_so(self, server, abandoned):
        upload, pending = abandoned
        self.age(pending)
        tasks.expire()
        with pytest.raises(intake.Lapsed):
            upload._complete(pending)

    def age(self, pending):
        long_ago = timedelta(minutes=11)
        EncryptedObject.objects.filter(pk=pending.pk).update(
            authored_at=pending.authored_at - long_ago,
            received_at=pending.received_at - long_ago,
            effective_at=pending.effective_at - long_ago,
        )
