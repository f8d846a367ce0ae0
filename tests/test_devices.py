"""Devices: which of them hear the feed, what is kept of them, and how far an order has reached."""

import json
from datetime import date, timedelta
from uuid import uuid4

import pytest

from content import actions, feed, reach, tasks
from content.models import Device
from content.partitions import utc_today
from content.reach import Late
from content.scope import EVERYTHING
from enigm_command.lib import clock
from membership.access import Listener
from membership.handles import device_handle
from membership.models import Membership
from servers.models import Standing
from tests.app import FeedReader
from tests.browser import Browser
from tests.factories import DeletionOrderFactory, DeviceFactory, ServerFactory, monday
from tests.objects import store
from tests.support import excused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R19")]


@pytest.fixture
def phone(server, uma):
    return FeedReader(server)


class TestWhoHears:
    """Members, and the devices of former ones as long as they may hold copies. Nobody else."""

    @pytest.mark.requirement("R14")
    def test_a_removed_member_s_device_still_hears_what_is_deleted(self, server, uma, ada, phone):
        phone.told()
        actions.remove_member(uma.membership, by=ada)
        DeletionOrderFactory(server=server, author=uma.handle)
        page = phone.told()
        assert [entry["what"] for entry in page["entries"]] == ["deletion"]
        assert not page["admitted"]
        assert phone.done(1).status_code == 204
        assert Device.objects.get().number == 1

    def test_a_device_that_was_never_seen_hears_nothing_after_it(self, server, uma, phone):
        phone.told()
        with excused():
            Membership.objects.filter(pk=uma.membership.pk).delete()
        for claims in ({"device": "tablet"}, {"subject": "max"}):
            answer = FeedReader(server, **claims).ask()
            assert (answer.status_code, answer.json()["code"]) == (403, "not_admitted")
            assert FeedReader(server, **claims).done(0).status_code == 403

    def test_asking_keeps_no_former_member_s_device_known(self, server, uma, phone):
        DeviceFactory(
            server_id=server.pk,
            member=uma.handle,
            handle=device_handle(server.pk, "uma", "phone"),
            week=utc_today() - timedelta(days=21),
        )
        with excused():
            Membership.objects.filter(pk=uma.membership.pk).delete()
        for _ in range(2):
            phone.told()
            phone.done(0)
        Device.objects.update(week=utc_today() - timedelta(days=45))
        tasks.expire()
        assert phone.ask().status_code == 403

    def test_a_device_of_another_server_is_a_stranger(self, uma, phone):
        phone.told()
        elsewhere = ServerFactory()
        assert FeedReader(elsewhere).ask().status_code == 403
        assert FeedReader(elsewhere).done(0).status_code == 403

    @pytest.mark.parametrize("claims", [{"account_state": "held"}, {"device_trust": "unknown"}])
    def test_the_identity_service_can_hold_a_bearer_back(self, server, uma, claims):
        assert FeedReader(server, **claims).ask().status_code == 403

    @pytest.mark.parametrize(
        "standing", [Standing.RESTRICTED, Standing.SUSPENDED, Standing.RETIRING, Standing.DELETING]
    )
    def test_it_is_open_in_every_standing(self, server, phone, standing):
        with excused():
            type(server).objects.filter(pk=server.pk).update(standing=standing)
        assert phone.told()["entries"] == []

    def test_a_deleted_server_is_gone(self, uma):
        deleted = ServerFactory(standing=Standing.DELETED)
        answers = [FeedReader(deleted).ask(), FeedReader(deleted).done(0)]
        assert [(each.status_code, each.json()["code"]) for each in answers] == [
            (410, "server_deleted")
        ] * 2


@pytest.mark.requirement("R15")
class TestDevices:
    """What is kept of a device: two handles, a number and a week."""

    def test_a_contact_is_noted_by_the_week_and_by_handles(self, server, uma, phone):
        phone.told()
        device = Device.objects.get()
        assert device.member == uma.handle
        assert device.handle == device_handle(server.pk, "uma", "phone")
        assert device.week == utc_today() - timedelta(days=utc_today().weekday())

    def test_it_is_written_once_a_week(self, server, phone, django_assert_num_queries):
        phone.told()
        listener = Listener(server, uuid4(), Device.objects.get().handle, is_admitted=True)
        with django_assert_num_queries(3):
            feed.page(listener, 0)
        Device.objects.update(week=utc_today() - timedelta(days=20))
        phone.told()
        assert Device.objects.get().week >= utc_today() - timedelta(days=6)

    def test_it_is_forgotten_30_days_after_the_week_of_its_last_contact(self, server, phone):
        for days in (0, 29, 45):
            DeviceFactory(server_id=server.pk, week=utc_today() - timedelta(days=days))
        tasks.expire()
        assert Device.objects.count() == 2

    def test_it_outlives_the_membership(self, uma, ada, phone):
        phone.told()
        actions.remove_member(uma.membership, by=ada)
        assert Device.objects.count() == 1


class TestReach:
    """How many devices have done it: sums, and when the last copies are over."""

    def known(self, server, order, *positions):
        """Devices that came so far beyond the order, last seen so many weeks ago."""
        for beyond, weeks in positions:
            DeviceFactory(
                server_id=server.pk,
                number=order.number + beyond,
                week=monday(utc_today()) - timedelta(weeks=weeks),
            )

    def test_it_counts_who_has_done_it(self, server):
        order = DeletionOrderFactory(server=server)
        self.known(server, order, (0, 0), (1, 2), (-1, 0), (-1, 1), (-1, 1), (-1, 3))
        DeviceFactory(number=9)  # of another server
        told = reach.of(order, clock.now())
        assert (told.known, told.applied) == (6, 2)
        assert [(late.weeks_ago, late.devices) for late in told.late] == [(0, 1), (1, 2), (3, 1)]

    def test_every_copy_ends_30_days_after_the_cutoff_or_with_its_object(self, server, uma):
        whole = DeletionOrderFactory(server=server)
        assert (
            reach.of(whole, clock.now()).copies_end_on
            == (whole.cutoff_at + timedelta(days=30)).date()
        )
        gone = store(uma, lasting=timedelta(hours=1))
        one = DeletionOrderFactory(server=server, object_id=gone.id, expires_on=gone.expires_on)
        assert reach.of(one, clock.now()).copies_end_on == gone.expires_on

    @pytest.mark.parametrize(
        ("weeks_ago", "devices", "words"),
        [
            (0, 2, "2 devices seen this week, not done yet"),
            (1, 2, "2 devices not seen this week"),
            (3, 1, "1 device not seen for 3 weeks"),
        ],
    )
    def test_it_is_said_in_words(self, weeks_ago, devices, words):
        assert str(Late(date(2026, 11, 2), weeks_ago, devices)) == words

    def test_the_order_shows_it_and_the_receipt_has_it(self, server, uma, ada, phone):
        store(uma)
        order = actions.order_deletion(server, EVERYTHING, order_id=uuid4(), by=ada)
        phone.told()
        ada_s = Browser().sign_in(ada.warrant.account)
        page = f"/servers/{server.pk}/orders/{order.pk}/"
        assert "Done by 0 of 1 device." in ada_s.get(page).content.decode()
        tasks.purge(str(order.pk))
        receipt = json.loads(ada_s.get(f"{page}receipt.json").content)
        assert (receipt["devices"]["known"], receipt["devices"]["applied"]) == (1, 0)
        assert [late["devices"] for late in receipt["devices"]["not_applied"]] == [1]
        phone.done(order.number)
        assert "Done by 1 of 1 device." in ada_s.get(page).content.decode()

    @pytest.mark.requirement("R15")
    def test_no_page_shows_whose_device_or_which(self, server, uma, ada, phone):
        phone.told()
        order = DeletionOrderFactory(server=server)
        device = Device.objects.get()
        pages = [f"orders/{order.pk}/", "orders/", "content/", "members/"]
        ada_s = Browser().sign_in(ada.warrant.account)
        for page in pages:
            shown = ada_s.get(f"/servers/{server.pk}/{page}").content.decode()
            assert str(device.handle) not in shown
            assert str(device.member) not in shown
