"""Storage and rows are laid side by side: neither is believed before it was asked twice."""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command

from content import blobs, figures, reconciliation, tasks
from content.models import DeletionOrder, EncryptedObject, State
from content.partitions import utc_today
from enigm_command.lib import clock
from tests.browser import Browser
from tests.factories import DeletionOrderFactory, ServerFactory
from tests.objects import LARGE, available, files_of, in_storage, member_of, sealed, store
from tests.test_content_api import Phone, refusal

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R22")]


@pytest.fixture
def at_once(monkeypatch):
    """What lies there counts as old at once."""
    monkeypatch.setattr(reconciliation, "PATIENCE", timedelta(seconds=-10))


def lay(server, *, region="", days=3, server_id=None):
    """Bytes that no row names."""
    day = utc_today() + timedelta(days=days)
    name = blobs.BlobName(day, server_id or server.pk, uuid4())
    blobs.storage_in(region or server.region).save(str(name), ContentFile(b"stray"))
    return name


def state_of(stored):
    return EncryptedObject.objects.values_list("state", flat=True).get(pk=stored.pk)


class TestStrays:
    """Bytes without a row."""

    def test_they_go_and_what_has_a_row_stays(self, server, uma, at_once):
        stored = store(uma, body := sealed(size=LARGE))
        lay(server), lay(server, days=int((stored.expires_on - utc_today()).days))
        assert len(files_of(server)) == 3
        assert tasks.reconcile()
        assert [path.read_bytes() for path in files_of(server)] == [body]
        assert available(uma) == {stored.id}

    def test_young_ones_are_left_to_their_upload(self, server):
        lay(server)
        assert tasks.reconcile()
        assert len(files_of(server)) == 1

    def test_an_upload_on_its_way_is_none(self, server, uma, at_once):
        stored = store(uma, sealed(size=LARGE))
        EncryptedObject.objects.filter(pk=stored.pk).update(state=State.PENDING)
        assert tasks.reconcile()
        assert (len(files_of(server)), state_of(stored)) == (1, State.PENDING)

    @pytest.mark.requirement("R9")
    def test_a_body_in_another_region_is_one(self, server, uma, at_once):
        store(uma, sealed(size=LARGE))
        elsewhere = "asia" if server.region != "asia" else "us"
        lay(server, region=elsewhere)
        assert tasks.reconcile()
        assert (len(files_of(server)), files_of(server, elsewhere)) == (1, [])

    def test_what_belongs_to_no_server_of_ours_is_left_alone(self, server, at_once):
        name = lay(server, server_id=uuid4())
        assert tasks.reconcile()
        assert blobs.storage_in(server.region).exists(str(name))
        blobs.storage_in(server.region).delete_many([str(name)])

    def test_a_day_without_a_partition_is_looked_at_too(self, server, at_once):
        lay(server, days=300)
        assert tasks.reconcile()
        assert files_of(server) == []


class TestMissing:
    """Rows without bytes."""

    @pytest.fixture
    def lost(self, server, uma):
        stored = store(uma, sealed(size=LARGE))
        files_of(server)[0].unlink()
        return stored

    def test_they_are_said_to_be_missing_and_counted(self, server, uma, lost):
        kept = store(uma, sealed(size=LARGE))
        assert tasks.reconcile()
        assert (state_of(lost), state_of(kept)) == (State.LOST, State.READY)
        assert available(uma) == {kept.id}
        tasks.recount()
        overview = figures.with_losses(server.pk)
        assert (overview.lost, overview.objects, in_storage(server)) == (1, 1, 2)

    def test_a_device_is_told_before_and_after_it_was_noticed(self, server, uma, lost):
        phone = Phone(server)
        path = f"{phone.objects}/{lost.public_id}"
        assert refusal(phone.get(path)) == (404, "bytes_missing")
        tasks.reconcile()
        assert refusal(phone.get(path)) == (404, "bytes_missing")
        DeletionOrderFactory(server=server)
        assert refusal(phone.get(path)) == (404, "not_found")

    def test_an_administrator_is_told(self, server, uma, lost, ada):
        tasks.reconcile()
        tasks.recount()
        browser = Browser().sign_in(ada.warrant.account)
        page = browser.get(f"/servers/{server.pk}/content/")
        assert "1 object cannot be fetched any more" in page.content.decode()

    def test_what_is_found_again_is_served_again(self, server, uma):
        stored = store(uma, body := sealed(size=LARGE))
        files_of(server)[0].unlink()
        tasks.reconcile()
        assert available(uma) == set()
        storage = blobs.storage_of(server.pk)
        storage.save(str(blobs.BlobName(*stored.pk)), ContentFile(body))
        tasks.reconcile()
        assert available(uma) == {stored.id}

    @pytest.mark.requirement("R18")
    def test_an_order_takes_them_too(self, server, lost):
        tasks.reconcile()
        order = DeletionOrderFactory(server=server)
        tasks.purge(str(order.pk))
        assert DeletionOrder.objects.get(pk=order.pk).is_finished
        assert in_storage(server) == 0

    def test_what_a_late_listing_does_not_show_is_asked_for_by_name(self, server, uma, monkeypatch):
        stored = store(uma, sealed(size=LARGE))
        storage = blobs.storage_of(server.pk)
        monkeypatch.setattr(storage, "listed", lambda *which: [])
        assert tasks.reconcile()
        assert state_of(stored) == State.READY

    def test_a_body_that_came_after_the_listing_is_not_missing(self, server, uma):
        stored = store(uma, sealed(size=LARGE))
        name = blobs.BlobName(*stored.pk)
        rows = {name: reconciliation._Row(name, State.READY, clock.now())}
        page = reconciliation._Page(clock.now() - timedelta(minutes=1), {}, rows, None)
        assert page.unseen() == []


class TestWork:
    """In pages, in turns, under a lease."""

    def test_pages_meet_whichever_side_is_longer(self, server, uma, at_once, monkeypatch):
        monkeypatch.setattr(reconciliation, "PAGE", 3)
        stored = [store(uma, sealed(size=LARGE)) for _ in range(7)]
        for path in files_of(server)[:2] + files_of(server)[5:]:
            path.unlink()
        days = int((stored[0].expires_on - utc_today()).days)
        for _ in range(5):
            lay(server, days=days)
        assert tasks.reconcile()
        states = [state_of(each) for each in stored]
        assert (states.count(State.LOST), states.count(State.READY)) == (4, 3)
        assert len(files_of(server)) == 3

    def test_the_next_run_goes_on_where_this_one_broke_off(self, server, uma, at_once, monkeypatch):
        monkeypatch.setattr(reconciliation, "PAGE", 1)
        times = iter(range(10_000))
        monkeypatch.setattr(reconciliation, "monotonic", lambda: next(times))
        monkeypatch.setattr(reconciliation, "SLICE", 2)
        lay(server), lay(server, days=9), lay(server, days=9)
        runs = 0
        while files_of(server):
            assert tasks.reconcile()
            runs += 1
        assert runs > 5

    def test_a_storage_that_is_away_stops_no_other_region(self, at_once, monkeypatch):
        def away():
            raise OSError("away")

        asian = ServerFactory(region="asia")
        lay(asian)
        monkeypatch.setattr(blobs.storage_in("us"), "days", away)
        with pytest.raises(ExceptionGroup, match="storage was not compared"):
            tasks.reconcile()
        assert files_of(asian) == []

    def test_a_second_run_finds_nothing_to_do(self, server, uma, at_once, caplog):
        lay(server)
        member_of(server)
        call_command("sweep", "content.reconcile", verbosity=0)
        caplog.clear()
        call_command("sweep", "content.reconcile", verbosity=0)
        assert caplog.messages == []


class TestFolders:
    """What is left where bodies were."""

    def test_empty_ones_go_and_those_in_use_stay(self, server, uma, at_once):
        store(uma, sealed(size=LARGE))
        stray = lay(server, days=9)
        folder = Path(blobs.storage_in(server.region).path(str(stray))).parent
        for _ in range(2):  # a folder that was emptied just now is left for the next run
            assert tasks.reconcile()
        assert not folder.exists()
        assert not folder.parent.exists()
        assert len(files_of(server)) == 1

    def test_young_ones_are_left_to_an_upload(self, server):
        folder = Path(blobs.storage_in(server.region).path(str(lay(server)))).parent
        next(folder.iterdir()).unlink()
        assert tasks.reconcile()
        assert folder.exists()
