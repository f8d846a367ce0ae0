"""The whole server: unavailable at once, reversible until its clock, then gone for good."""

from datetime import timedelta

import pytest

from audit.authority import SCHEDULE, OutsideAuthority
from audit.models import AuditPrivate
from content import purge
from content.actions import order_deletion
from content.models import DeletionOrder, Gate, Receipt
from content.scope import EVERYTHING
from enigm_command.lib import clock, vault
from enigm_command.lib.clock import LONG_AGO
from enigm_command.lib.models import DataKey
from lifecycle import tasks
from lifecycle.actions import (
    call_off_server_deletion,
    delete_server,
    order_server_deletion,
    suspend_server,
)
from lifecycle.models import (
    AlreadyInForce,
    NothingToLift,
    ServerDeletion,
    ServerReceipt,
)
from membership.access import Purpose, Refused, admit
from membership.models import JoinRequest, Membership
from servers.edge import authority_of
from servers.models import Administrator, Server, Standing
from tests.app import app_token
from tests.factories import (
    JoinRequestFactory,
    MembershipFactory,
    PolicyVersionFactory,
    ServerDeletionFactory,
    ServerFactory,
    WithholdingFactory,
)
from tests.objects import LARGE, available, files_of, in_storage, member_of, sealed, store
from tests.support import actions_of, events_of, excused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R24")]


def again(server):
    return Server.objects.get(pk=server.pk)


def is_due(deletion):
    """Its delay is over."""
    with excused():
        ServerDeletion.objects.filter(pk=deletion.pk).update(due_at=clock.now())


def carry_through(deletion):
    is_due(deletion)
    tasks.delete_server(str(deletion.pk))
    return ServerDeletion.objects.get(pk=deletion.pk)


# --- ordering and calling off ---------------------------------------------------------------------
def test_ordering_makes_it_unavailable_at_commit_and_starts_the_clock(server, oren):
    deletion = order_server_deletion(server, by=oren)

    assert again(server).standing == Standing.DELETING
    assert timedelta(hours=71) < deletion.due_at - clock.now() <= timedelta(hours=72)
    (event,) = events_of(server)
    assert (event.action, event.actor_name) == ("server.deletion_ordered", "oren")
    assert event.data["due_at"] == deletion.due_at.isoformat(timespec="seconds")


@pytest.mark.requirement("R23")
def test_the_delay_is_the_servers_own_policy(server, oren):
    PolicyVersionFactory(server=server, deletion_delay=timedelta(hours=1))
    deletion = order_server_deletion(server, by=oren)
    assert deletion.due_at - clock.now() <= timedelta(hours=1)


def test_only_the_owner_orders_it_and_the_attempt_is_on_record(server, ada):
    with pytest.raises(OutsideAuthority):
        order_server_deletion(server, by=ada)
    assert again(server).standing == Standing.ACTIVE
    assert actions_of(server) == ["server.deletion_ordered refused"]


def test_ordering_it_twice_is_one_deletion(server, oren):
    order_server_deletion(server, by=oren)
    with pytest.raises(AlreadyInForce):
        order_server_deletion(server, by=oren)
    assert actions_of(server) == ["server.deletion_ordered"]


def test_any_administrator_calls_it_off_and_the_server_is_what_it_was(server, oren, ada):
    suspend_server(server, by=ada)
    order_server_deletion(server, by=oren)
    call_off_server_deletion(server, by=ada)

    assert again(server).standing == Standing.SUSPENDED
    assert actions_of(server)[1:] == ["server.deletion_ordered", "server.deletion_called_off"]


def test_it_can_be_ordered_again_after_being_called_off(server, oren):
    for _ in range(2):
        order_server_deletion(server, by=oren)
        call_off_server_deletion(server, by=oren)
    assert ServerDeletion.objects.filter(server=server).count() == 2


def test_nothing_to_call_off_leaves_no_trace(server, ada):
    with pytest.raises(NothingToLift):
        call_off_server_deletion(server, by=ada)
    assert not events_of(server)


def test_once_its_time_has_come_nobody_calls_it_off(server, oren):
    is_due(order_server_deletion(server, by=oren))
    with pytest.raises(NothingToLift):
        call_off_server_deletion(server, by=oren)
    assert again(server).standing == Standing.DELETING


@pytest.mark.requirement("R5")
def test_mallory_neither_orders_nor_calls_off(server, oren, mallory):
    with pytest.raises(OutsideAuthority):
        order_server_deletion(server, by=mallory)
    order_server_deletion(server, by=oren)
    with pytest.raises(OutsideAuthority):
        call_off_server_deletion(server, by=mallory)
    assert actions_of(server) == ["server.deletion_ordered"]


def test_ordering_stops_reading_at_once_and_calling_off_brings_it_back(server, oren):
    stored = store(member_of(server))
    order_server_deletion(server, by=oren)
    with pytest.raises(Refused):
        admit(app_token("uma"), server.locator, Purpose.READ)

    call_off_server_deletion(server, by=oren)
    uma = admit(app_token("uma"), server.locator, Purpose.READ)
    assert available(uma) == {stored.id}


# --- carrying it through --------------------------------------------------------------------------
def test_before_its_time_the_worker_does_nothing(server, oren):
    deletion = order_server_deletion(server, by=oren)
    tasks.delete_server(str(deletion.pk))
    assert again(server).standing == Standing.DELETING
    assert not DeletionOrder.objects.of(server.pk).exists()


def test_what_was_called_off_is_never_carried_through(server, oren):
    deletion = order_server_deletion(server, by=oren)
    call_off_server_deletion(server, by=oren)
    carry_through(deletion)
    assert again(server).standing == Standing.ACTIVE


@pytest.mark.requirement("R25")
def test_in_the_end_only_the_tombstone_and_the_log_are_left(server, oren):
    MembershipFactory.create_batch(2, server=server)
    JoinRequestFactory(server=server)
    sealed = Server.objects.values_list("name", flat=True).get(pk=server.pk)

    deletion = carry_through(order_server_deletion(server, by=oren))

    left = again(server)
    assert (left.standing, left.name) == (Standing.DELETED, None)
    assert (left.locator, left.region, left.created_at) == (
        server.locator,
        server.region,
        server.created_at,
    )
    assert (deletion.members_closed, deletion.join_requests_closed) == (2, 1)
    assert deletion.finished_at
    assert not Membership.objects.filter(server=server).exists()
    assert not JoinRequest.objects.filter(server=server).exists()
    assert not DataKey.objects.filter(pk=server.pk).exists()
    vault.forget()
    with pytest.raises(vault.Unreadable):
        vault.unseal(server.pk, f"servers_server.name|{server.pk}", bytes(sealed))


@pytest.mark.requirement("R25")
def test_every_object_and_every_body_is_gone_and_counted(server, oren):
    uma, other = member_of(server), ServerFactory()
    kept = store(member_of(other))
    stored = [store(uma), store(uma, sealed(size=LARGE)), store(uma, kind="media")]

    deletion = carry_through(order_server_deletion(server, by=oren))

    order = DeletionOrder.objects.get(pk=deletion.pk)
    assert (order.purged, order.purged_bytes) == (3, sum(each.size for each in stored))
    assert (in_storage(server), files_of(server)) == (0, [])
    assert Receipt.objects.filter(order_id=order.pk).exists()
    assert available(member_of(other)) == {kept.id}


@pytest.mark.requirement("R25")
def test_a_hold_that_began_before_delays_the_destruction_and_never_the_availability(server, oren):
    store(member_of(server))
    Gate.objects.filter(pk=server.pk).update(held_since=clock.now())

    deletion = carry_through(order_server_deletion(server, by=oren))
    assert not deletion.finished_at
    assert again(server).standing == Standing.DELETING
    assert in_storage(server) == 1

    Gate.objects.filter(pk=server.pk).update(held_since=None)
    assert carry_through(deletion).finished_at
    assert in_storage(server) == 0


@pytest.mark.requirement("R25")
def test_the_log_tells_the_whole_story_and_names_nobody_any_more(server, oren):
    deletion = carry_through(order_server_deletion(server, by=oren))

    assert actions_of(server) == [
        "server.deletion_ordered",
        "deletion.ordered",
        "deletion.completed",
        "audit.erased",
        "server.deleted",
    ]
    assert not AuditPrivate.objects.filter(stream_id=server.pk).exists()
    first, *_, erased, last = events_of(server)
    assert first.actor_name == "erased"
    assert erased.data["reason"] == "the server was deleted"
    assert last.data == {
        "capacity": "schedule",
        "members": 0,
        "join_requests": 0,
        "receipt": ServerReceipt.objects.get(pk=deletion.pk).digest,
    }
    assert DeletionOrder.objects.get(pk=deletion.pk).is_finished


@pytest.mark.requirement("R25")
def test_what_was_withheld_is_withheld_no_longer(server, oren):
    withheld = WithholdingFactory(server=server)
    carry_through(order_server_deletion(server, by=oren))
    withheld.refresh_from_db()
    assert withheld.released_at


def test_its_own_purge_keeps_it_waiting_for_nobody(
    server, oren, rung, django_capture_on_commit_callbacks
):
    """The purge that the end begins wakes no other worker; one that another worker carried to its
    end wakes the end at once, and not a minute later."""
    deletion = order_server_deletion(server, by=oren)
    is_due(deletion)
    purging = f"{deletion.pk}"
    with django_capture_on_commit_callbacks(execute=True):
        order_deletion(again(server), EVERYTHING, order_id=deletion.pk, by=SCHEDULE)
    assert ("content.purge", purging) not in rung
    with django_capture_on_commit_callbacks(execute=True):
        purge.advance(deletion.pk)
    assert rung[-1] == ("lifecycle.delete_server", purging)
    tasks.delete_server(purging)
    assert ServerDeletion.objects.get(pk=deletion.pk).finished_at


def test_other_servers_are_untouched(server, oren):
    other = MembershipFactory().server
    carry_through(order_server_deletion(server, by=oren))
    assert again(other).name == "Atelier North"
    assert other.standing == Standing.ACTIVE
    assert Membership.objects.filter(server=other).count() == 1


def test_the_task_is_safe_to_run_again(server, oren):
    deletion = carry_through(order_server_deletion(server, by=oren))
    before = actions_of(server)
    tasks.delete_server(str(deletion.pk))
    assert actions_of(server) == before


def test_without_a_delay_it_is_due_at_once(server, oren):
    PolicyVersionFactory(server=server, deletion_delay=timedelta(0))
    deletion = order_server_deletion(server, by=oren)
    tasks.delete_server(str(deletion.pk))
    assert again(server).standing == Standing.DELETED


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "step",
    [
        "content.models.DeletionOrder.objects.place",
        "content.purge.complete_deletion",
        "lifecycle.deletion.erase_stream",
        "lifecycle.deletion.receipts.write",
        "lifecycle.deletion.vault.destroy_key",
        "lifecycle.actions.deletion.settle",
    ],
)
def test_a_worker_that_dies_at_any_step_is_followed_to_the_same_end(step, monkeypatch):
    server = ServerFactory()
    MembershipFactory(server=server)
    deletion = due_deletion(server)

    def dies(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(step, dies)
        with pytest.raises(KeyboardInterrupt):
            tasks.delete_server(str(deletion.pk))
    assert again(server).name == "Atelier North"
    assert Membership.objects.filter(server=server).count() == 1

    for leased in (ServerDeletion, DeletionOrder):
        leased.objects.filter(pk=deletion.pk).update(lease_until=LONG_AGO)
    tasks.delete_server(str(deletion.pk))
    assert again(server).standing == Standing.DELETED
    assert actions_of(server).count("server.deleted") == 1
    assert actions_of(server).count("deletion.completed") == 1


def due_deletion(server):
    with excused():
        by = authority_of(Administrator.objects.get(server=server), "oren")
        return ServerDeletion.objects.order(server, delay=timedelta(0), by=by)


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_before_the_log_is_signed_is_followed_too(monkeypatch):
    server = ServerFactory()
    deletion = due_deletion(server)

    def dies(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("lifecycle.tasks.deletion.close_log", dies)
        with pytest.raises(KeyboardInterrupt):
            tasks.delete_server(str(deletion.pk))
    assert again(server).standing == Standing.DELETED

    ServerDeletion.objects.filter(pk=deletion.pk).update(lease_until=LONG_AGO)
    tasks.delete_server(str(deletion.pk))
    assert ServerDeletion.objects.get(pk=deletion.pk).log_closed_at
    assert actions_of(server).count("server.deleted") == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_end_it_once(elsewhere):
    server = ServerFactory()
    deletion = due_deletion(server)
    workers = [elsewhere(lambda: tasks.delete_server(str(deletion.pk))) for _ in range(2)]
    for worker in workers:
        worker.result()
    assert actions_of(server).count("server.deleted") == 1


def test_nobody_but_the_schedule_carries_it_through(server, oren):
    deletion = order_server_deletion(server, by=oren)
    with pytest.raises(OutsideAuthority):
        delete_server(deletion, by=oren)
    assert again(server).standing == Standing.DELETING


def test_the_sweep_rings_for_what_is_due_and_not_done(
    server, oren, rung, django_capture_on_commit_callbacks
):
    deletion = order_server_deletion(server, by=oren)
    ServerDeletionFactory()
    is_due(deletion)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.deletions()
    assert rung == [("lifecycle.delete_server", str(deletion.pk))]
