"""A paid purchase becomes a server exactly once, whole or not at all."""

from threading import Barrier

import pytest
from django.urls import reverse

from audit.authority import OutsideAuthority
from content.models import Gate
from enigm_command.lib import locator
from enigm_command.lib.clock import LONG_AGO
from enigm_command.lib.models import DataKey
from lifecycle import actions, tasks
from lifecycle.creation import NotPaid, begin_paid, tell
from lifecycle.models import Creation
from servers.models import PolicyVersion, Server
from servers.models.purchase import Purchase
from tests.browser import Browser
from tests.factories import PurchaseFactory
from tests.support import actions_of, events_of

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R8")]


def paid_purchase(**kwargs):
    purchase = PurchaseFactory(**kwargs)
    Purchase.objects.mark_paid(purchase.pk)
    return Purchase.objects.get(pk=purchase.pk)


@pytest.fixture
def purchase(db):
    return paid_purchase()


def servers_of(purchase):
    return list(Server.objects.filter(owner=purchase.buyer))


def test_a_server_is_made_with_everything_it_consists_of(purchase):
    tasks.create(str(purchase.pk))

    (server,) = servers_of(purchase)
    assert (server.name, server.region, server.standing) == ("Atelier North", "europe", "active")
    assert locator.parse(server.locator) == server.locator
    assert [power.account for power in server.administrators.all()] == [purchase.buyer]
    assert PolicyVersion.objects.in_force(server.pk).number == 1
    assert Gate.objects.filter(pk=server.pk).exists()
    assert DataKey.objects.filter(pk=server.pk).exists()
    assert server.is_ready
    assert Purchase.objects.get(pk=purchase.pk).server == server


def test_it_is_recorded_once_by_the_schedule_with_its_region(purchase):
    tasks.create(str(purchase.pk))

    (event,) = events_of(*servers_of(purchase))
    assert event.action == "server.created"
    assert event.data == {"capacity": "schedule", "region": "Europe"}
    assert event.sentence == "created the server in Europe"


def test_the_task_is_safe_to_run_again(purchase):
    tasks.create(str(purchase.pk))
    tasks.create(str(purchase.pk))

    (server,) = servers_of(purchase)
    assert actions_of(server) == ["server.created"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_one_server(elsewhere):
    purchase, together = paid_purchase(), Barrier(2)

    def work():
        together.wait()
        tasks.create(str(purchase.pk))

    for worker in [elsewhere(work) for _ in range(2)]:
        worker.result()
    (server,) = servers_of(purchase)
    assert actions_of(server) == ["server.created"]


def test_an_unpaid_purchase_makes_nothing():
    purchase = PurchaseFactory()
    tasks.create(str(purchase.pk))
    assert not servers_of(purchase)
    assert not Creation.objects.filter(purchase_id=purchase.pk).exists()


def test_an_unknown_purchase_makes_nothing(purchase):
    assert begin_paid(purchase.idempotency_key) is None


# --- killed in the middle -------------------------------------------------------------------------
def after_the_lease(purchase):
    """The worker died; its lease has run out."""
    Creation.objects.filter(purchase_id=purchase.pk).update(lease_until=LONG_AGO)


def test_a_worker_that_died_before_the_act_is_followed_by_another(purchase):
    assert begin_paid(purchase.pk)
    assert begin_paid(purchase.pk) is None

    after_the_lease(purchase)
    tasks.create(str(purchase.pk))
    assert len(servers_of(purchase)) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "step",
    [
        "enigm_command.lib.vault.make_key",
        "servers.models.Administrator.objects.create",
        "servers.models.PolicyVersion.objects.create",
        "content.models.Gate.objects.open",
        "servers.models.purchase.Purchase.objects.fulfil",
        "audit.recording._append",
    ],
)
def test_a_worker_that_dies_at_any_step_leaves_nothing_and_the_next_one_makes_it(step, monkeypatch):
    purchase = paid_purchase()
    keys = DataKey.objects.count()

    def dies(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(step, dies)
        with pytest.raises(KeyboardInterrupt):
            tasks.create(str(purchase.pk))
    assert not servers_of(purchase)
    assert DataKey.objects.count() == keys

    after_the_lease(purchase)
    tasks.create(str(purchase.pk))
    (server,) = servers_of(purchase)
    assert actions_of(server) == ["server.created"]


def test_a_worker_that_slept_through_its_lease_makes_nothing(purchase, schedule):
    late = begin_paid(purchase.pk)
    after_the_lease(purchase)
    tasks.create(str(purchase.pk))

    with pytest.raises(NotPaid):
        actions.create_server(late, by=schedule)
    assert len(servers_of(purchase)) == 1


def test_nobody_but_the_schedule_creates_a_server(purchase, oren):
    with pytest.raises(OutsideAuthority):
        actions.create_server(begin_paid(purchase.pk), by=oren)
    assert not servers_of(purchase)


def test_the_sweep_rings_for_what_was_forgotten(purchase, rung, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        tasks.creations()
    assert rung == [("lifecycle.create", str(purchase.pk))]


# --- the page that waits --------------------------------------------------------------------------
def page(purchase, route="creation"):
    return Browser().sign_in(purchase.buyer).get(reverse(route, args=[purchase.pk]))


def test_the_page_shows_only_what_is_committed(purchase):
    assert tell(purchase).done == 1
    assert "Your server is being created" in page(purchase).content.decode()
    assert page(purchase, "creation-progress").json() == {
        "done": 1,
        "total": 4,
        "text": "Payment received. The server is created next.",
        "pace": "",
        "worker": "No worker has been heard yet. What you paid for is not lost."
        " The work goes on by itself as soon as one is back.",
        "finished": False,
    }


def test_a_second_attempt_is_said_honestly(purchase):
    for _ in range(2):
        begin_paid(purchase.pk)
        after_the_lease(purchase)
    assert "being tried again" in page(purchase, "creation-progress").json()["text"]


def test_in_the_end_the_page_shows_the_server_id_and_ways_on(purchase):
    tasks.create(str(purchase.pk))

    (server,) = servers_of(purchase)
    text = page(purchase).content.decode()
    assert server.locator in text
    assert reverse("invite", args=[server.pk]) in text
    assert "Test mode: no money moves" in text
    assert page(purchase, "creation-progress").json()["finished"] is True
