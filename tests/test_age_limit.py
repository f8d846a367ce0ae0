"""The age limit moves with the policy; nothing that has outgrown it is ever seen again."""

from datetime import timedelta
from threading import Event
from time import sleep

import pytest
from django.db import InternalError, connection, transaction

from content import ages, intake, tasks
from content.models import Cutoff, DeletionOrder, EncryptedObject, Gate
from enigm_command.lib import clock
from lifecycle.policy import Draft
from servers.models import PolicyVersion
from tests.factories import DeletionOrderFactory
from tests.objects import LARGE, available, files_of, in_storage, member_of, sealed, store
from tests.policies import DAY, HOUR, MONTH, change
from tests.support import excused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R17", "R22", "R23")]

PATIENCE = 20


def ago(**length):
    return clock.now() - timedelta(**length)


def now(server):
    """What Uma's devices could fetch now, by the policy in force."""
    return available(member_of(server))


def test_a_shorter_life_acts_at_commit_and_by_kind(server, uma, ada):
    old, young = store(uma, authored_at=ago(hours=2)), store(uma)
    media = store(uma, authored_at=ago(hours=2), kind="media")
    change(server, by=ada, message_lifetime=HOUR)
    assert now(server) == {young.id, media.id}
    assert old.id not in now(server)


@pytest.mark.parametrize("kind", ["message", "media"])
def test_a_longer_life_brings_nothing_back(server, uma, ada, kind):
    store(uma, authored_at=ago(hours=2), kind=kind)
    young = store(uma, kind=kind)
    change(server, by=ada, **{f"{kind}_lifetime": HOUR})
    change(server, by=ada, **{f"{kind}_lifetime": MONTH})
    assert now(server) == {young.id}


def test_putting_an_old_version_back_brings_nothing_back(server, uma, ada):
    from servers.policy import codes_of

    first = codes_of(PolicyVersion.objects.in_force(server.pk))
    store(uma, authored_at=ago(days=2))
    change(server, by=ada, message_lifetime=DAY, media_lifetime=DAY)
    change(server, by=ada, **first)
    assert now(server) == set()
    assert PolicyVersion.objects.in_force(server.pk).message_lifetime == timedelta(days=30)


def test_step_by_step_longer_is_no_way_back_either(server, uma, ada):
    store(uma, authored_at=ago(hours=30))
    for lifetime in (HOUR, DAY, 7 * DAY, MONTH):
        change(server, by=ada, message_lifetime=lifetime)
        assert now(server) == set()


def test_what_outgrew_the_old_limit_by_the_clock_alone_stays_dark(server, uma, ada):
    """It was seen when the limit was set, and too old when the limit was lifted."""
    change(server, by=ada, message_lifetime=HOUR)
    stored = store(uma, authored_at=ago(minutes=59, seconds=30), lasting=timedelta(days=20))
    assert now(server) == {stored.id}
    EncryptedObject.objects.filter(pk=stored.pk).update(  # a minute passes
        authored_at=stored.authored_at - timedelta(minutes=1),
        effective_at=stored.effective_at - timedelta(minutes=1),
    )
    assert now(server) == set()
    change(server, by=ada, message_lifetime=MONTH)
    assert now(server) == set()


def test_an_old_copy_is_not_taken_in_after_a_longer_life_began(server, uma, ada):
    written = ago(hours=2)
    change(server, by=ada, message_lifetime=HOUR)
    with pytest.raises(intake.AlreadyExpired):
        store(member_of(server), authored_at=written)
    change(server, by=ada, message_lifetime=MONTH)
    with pytest.raises(intake.AlreadyDeleted):
        store(member_of(server), authored_at=written)
    assert store(member_of(server), authored_at=ago(minutes=30))


def test_a_longer_life_of_one_kind_leaves_the_other_alone(server, uma, ada):
    media = store(uma, authored_at=ago(hours=2), kind="media")
    change(server, by=ada, message_lifetime=HOUR)
    change(server, by=ada, message_lifetime=MONTH)
    assert now(server) == {media.id}


def test_other_servers_are_not_touched(server, uma, ada, mallory):
    theirs = member_of(mallory.warrant.server)
    kept = store(theirs, authored_at=ago(days=2))
    change(server, by=ada, message_lifetime=HOUR, media_lifetime=HOUR)
    change(server, by=ada, message_lifetime=MONTH, media_lifetime=MONTH)
    tasks.outgrown()
    assert available(theirs) == {kept.id}


# --- the review's count ---------------------------------------------------------------------------
def test_the_review_counts_what_can_be_seen_now_and_then_could_not(server, uma):
    store(uma), store(uma, kind="media", authored_at=ago(hours=2))
    for _ in range(3):
        store(uma, authored_at=ago(hours=2))
    store(member_of(server, "max"), authored_at=ago(hours=3))
    DeletionOrderFactory(server=server, author=member_of(server, "max").handle)
    assert Draft.of(server, {"message_lifetime": HOUR}).lost() == 3
    assert Draft.of(server, {"message_lifetime": HOUR, "media_lifetime": HOUR}).lost() == 4
    assert Draft.of(server, {"joins_open": 0}).lost() == 0


# --- what is erased -------------------------------------------------------------------------------
def test_what_a_shorter_life_put_in_the_dark_is_erased_and_nothing_else(server, uma, ada):
    gone = [store(uma, sealed(size=size), authored_at=ago(hours=2)) for size in (0, LARGE)]
    kept = [store(uma), store(uma, authored_at=ago(hours=2), kind="media")]
    change(server, by=ada, message_lifetime=HOUR)
    assert in_storage(server) == len(gone) + len(kept)
    assert tasks.outgrown()
    left = set(EncryptedObject.objects.filter(server_id=server.pk).values_list("id", flat=True))
    assert left == {stored.id for stored in kept}
    assert files_of(server) == []


def test_what_a_limit_that_was_lifted_left_behind_is_erased(server, uma, ada):
    store(uma, authored_at=ago(hours=2))
    change(server, by=ada, message_lifetime=HOUR)
    change(server, by=ada, message_lifetime=MONTH)
    tasks.outgrown()
    assert in_storage(server) == 0


def test_an_order_erases_and_counts_its_own_first(server, uma, ada):
    store(uma, authored_at=ago(hours=2))
    order = DeletionOrderFactory(server=server)
    change(server, by=ada, message_lifetime=HOUR)
    tasks.outgrown()
    assert in_storage(server) == 1
    tasks.purge(str(order.pk))
    assert DeletionOrder.objects.get(pk=order.pk).purged == 1


@pytest.mark.requirement("R25")
@pytest.mark.parametrize("held_first", [True, False])
def test_a_hold_delays_what_a_policy_decided_after_it_began(server, uma, ada, held_first):
    store(uma, authored_at=ago(hours=2))
    change(server, by=ada, message_lifetime=HOUR)
    held_since = ago(days=1) if held_first else clock.now() + timedelta(seconds=1)
    with excused():
        Gate.objects.filter(pk=server.pk).update(held_since=held_since)
    tasks.outgrown()
    assert (now(server), in_storage(server)) == (set(), 1 if held_first else 0)


# --- races ----------------------------------------------------------------------------------------
def lengthen_slowly(server, elsewhere):
    """A longer life is on its way, and commits when it may: its future, and the event for that."""
    closed, may_commit = Event(), Event()

    def lengthen():
        with excused():
            Draft.of(server, {"message_lifetime": MONTH}).enact()
            closed.set()
            may_commit.wait(PATIENCE)

    longer = elsewhere(lengthen)
    closed.wait(PATIENCE)
    return longer, may_commit


@pytest.mark.django_db(transaction=True)
def test_an_upload_that_waited_behind_a_longer_life_sees_the_old_limit(server, uma, ada, elsewhere):
    """A copy too old for the old limit is offered at the very moment the limit is lifted."""
    written = ago(hours=2)
    change(server, by=ada, message_lifetime=HOUR)
    longer, may_commit = lengthen_slowly(server, elsewhere)
    stale = elsewhere(lambda: store(uma, authored_at=written))  # admitted by the longest policy
    fresh = elsewhere(lambda: store(uma))
    sleep(0.3)
    assert not stale.done()
    assert not fresh.done()
    may_commit.set()
    longer.result(PATIENCE)
    with pytest.raises(intake.AlreadyDeleted):
        stale.result(PATIENCE)
    assert now(server) == {fresh.result(PATIENCE).id}


@pytest.mark.django_db(transaction=True)
def test_an_upload_held_open_across_the_changes_is_not_seen_when_it_is_too_old(
    server, uma, ada, elsewhere
):
    """It passes the gate under the longest limit; a shorter one and a longer one come before it
    is done."""
    written = ago(hours=2)
    with transaction.atomic():
        store(uma, authored_at=written)
        elsewhere(lambda: change(server, by=ada, message_lifetime=HOUR)).result(PATIENCE)
        longer = elsewhere(lambda: change(server, by=ada, message_lifetime=MONTH))
        sleep(0.3)
        assert not longer.done()  # at the gate
    longer.result(PATIENCE)
    assert now(server) == set()


@pytest.mark.django_db(transaction=True)
def test_nothing_seen_as_gone_before_the_commit_is_seen_after_it(server, uma, ada, elsewhere):
    """While the change is on its way readers go by the old limit, which moves."""
    change(server, by=ada, message_lifetime=HOUR)
    edge = ago(hours=1) + timedelta(seconds=2)
    with transaction.atomic():
        stored = store(uma, authored_at=edge, lasting=timedelta(days=30))
    longer, may_commit = lengthen_slowly(server, elsewhere)
    for _ in range(60):
        if stored.id not in now(server):
            break
        sleep(0.1)
    assert now(server) == set(), "it outgrew the old limit while the change was on its way"
    may_commit.set()
    longer.result(PATIENCE)
    assert now(server) == set()


@pytest.mark.django_db(transaction=True)
def test_a_change_that_takes_too_long_is_ended_by_the_database(server, monkeypatch):
    monkeypatch.setattr(ages, "AHEAD", timedelta(milliseconds=200))

    def take_long():
        with excused():
            ages.keep_dark(server.pk, {"message": timedelta(hours=1)})
            connection.cursor().execute("SELECT pg_sleep(5)")

    with pytest.raises(InternalError, match="transaction timeout"):
        take_long()
    connection.close()
    assert not Cutoff.objects.filter(server_id=server.pk).exists()
