"""A server runs dry in 30 days and then deletes itself; until it is dry, it can be called off."""

from datetime import timedelta

import pytest

from audit.authority import OutsideAuthority
from enigm_command.lib import clock
from lifecycle import tasks
from lifecycle.actions import (
    announce_retirement,
    call_off_retirement,
    order_server_deletion,
    retire_server,
    suspend_server,
)
from lifecycle.models import (
    AlreadyInForce,
    Grounds,
    NothingToLift,
    Party,
    Reason,
    Retirement,
    ServerDeletion,
    Ungrounded,
)
from membership.access import Purpose, Refused, admit
from servers.models import Server, Standing
from servers.models.subscription import Subscription
from tests.app import app_token
from tests.factories import BoughtFactory, OperatorFactory, RetirementFactory, SubscriptionFactory
from tests.objects import member_of
from tests.support import actions_of, events_of, excused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R24")]
GROUNDS = Grounds(Reason.ABUSE, "case 118")


@pytest.fixture
def operator():
    return OperatorFactory().authority


def standing_of(server):
    return Server.objects.get(pk=server.pk).standing


def pass_by(retirement, **columns):
    """Time passes, as far as these columns tell it."""
    with excused():
        Retirement.objects.filter(pk=retirement.pk).update(**columns)


def run_dry(retirement):
    ago = clock.now() - timedelta(days=31)
    pass_by(retirement, begins_at=ago, dry_at=ago + timedelta(days=30))


def closed(server):
    SubscriptionFactory(purchase=BoughtFactory(server=server), state=Subscription.State.CLOSED)


def test_retiring_stops_what_comes_in_and_nothing_else(server, oren):
    member_of(server, "uma")
    retirement = retire_server(server, by=oren)

    assert standing_of(server) == Standing.RETIRING
    assert retirement.dry_at - clock.now() <= timedelta(days=30)
    assert admit(app_token("uma"), server.locator, Purpose.READ)
    with pytest.raises(Refused):
        admit(app_token("uma"), server.locator, Purpose.STORE)
    (event,) = events_of(server)
    assert (event.action, event.actor_name) == ("server.retired", "oren")


def test_an_administrator_calls_it_off(server, oren, ada):
    retire_server(server, by=oren)
    call_off_retirement(server, by=ada)
    assert standing_of(server) == Standing.ACTIVE
    assert actions_of(server) == ["server.retired", "server.retirement_called_off"]


def test_only_the_owner_and_operators_retire_it(server, ada, mallory):
    for by in (ada, mallory):
        with pytest.raises(OutsideAuthority):
            retire_server(server, by=by)
    assert actions_of(server) == ["server.retired refused"]


def test_retiring_twice_is_one_retirement(server, oren):
    retire_server(server, by=oren)
    with pytest.raises(AlreadyInForce):
        retire_server(server, by=oren)
    assert actions_of(server) == ["server.retired"]


@pytest.mark.requirement("R26")
def test_operators_retire_on_grounds_and_only_they_call_it_off(server, oren, operator):
    with pytest.raises(Ungrounded):
        retire_server(server, by=operator)
    retire_server(server, grounds=GROUNDS, by=operator)
    with pytest.raises(NothingToLift):
        call_off_retirement(server, by=oren)
    (event,) = events_of(server)
    assert event.sentence.endswith("(abuse)")
    assert event.private["reference"] == "case 118"

    call_off_retirement(server, by=operator)
    assert standing_of(server) == Standing.ACTIVE


def test_nobody_opens_by_retiring_what_another_suspended(server, oren, operator):
    member_of(server, "uma")
    suspend_server(server, grounds=GROUNDS, by=operator)
    retire_server(server, by=oren)
    assert standing_of(server) == Standing.SUSPENDED
    with pytest.raises(Refused):
        admit(app_token("uma"), server.locator, Purpose.READ)


# --- dry ------------------------------------------------------------------------------------------
def test_once_dry_nobody_calls_it_off_and_the_sweep_deletes_it(server, oren, rung):
    retirement = retire_server(server, by=oren)
    run_dry(retirement)
    with pytest.raises(NothingToLift):
        call_off_retirement(server, by=oren)

    tasks.retirements()
    assert standing_of(server) == Standing.DELETING
    deletion = ServerDeletion.objects.get(server=server)
    assert deletion.is_due
    assert actions_of(server) == ["server.retired", "server.deletion_ordered"]

    tasks.retirements()
    tasks.delete_server(str(deletion.pk))
    assert standing_of(server) == Standing.DELETED
    assert actions_of(server).count("server.deletion_ordered") == 1


def test_before_it_is_dry_the_sweep_deletes_nothing(server, oren):
    retire_server(server, by=oren)
    tasks.retirements()
    assert standing_of(server) == Standing.RETIRING


def test_while_its_deletion_is_ordered_a_dry_server_waits_for_that(server, oren):
    run_dry(retire_server(server, by=oren))
    order_server_deletion(server, by=oren)
    tasks.retirements()
    assert ServerDeletion.objects.filter(server=server).count() == 1


# --- what nobody pays for -------------------------------------------------------------------------
@pytest.mark.requirement("R2")
def test_what_nobody_pays_for_is_announced_30_days_ahead_and_changes_nothing_yet(server):
    closed(server)
    tasks.retirements()
    tasks.retirements()

    retirement = Retirement.objects.get(server=server)
    assert standing_of(server) == Standing.ACTIVE
    assert timedelta(days=29) < retirement.begins_at - clock.now() <= timedelta(days=30)
    assert retirement.party == Party.PLATFORM
    assert actions_of(server) == ["server.retirement_announced"]


def test_on_its_day_it_begins_and_runs_dry_for_30_days_more(server, schedule):
    retirement = announce_retirement(server, by=schedule)
    pass_by(retirement, begins_at=clock.now())
    tasks.retirements()
    tasks.retirements()

    retirement.refresh_from_db()
    assert standing_of(server) == Standing.RETIRING
    assert retirement.dry_at - clock.now() > timedelta(days=29)
    assert actions_of(server) == ["server.retirement_announced", "server.retired"]


def test_what_an_operator_called_off_is_not_announced_again(server, operator, oren):
    closed(server)
    tasks.retirements()
    with pytest.raises(NothingToLift):
        call_off_retirement(server, by=oren)
    call_off_retirement(server, by=operator)
    tasks.retirements()
    assert Retirement.objects.filter(server=server).count() == 1


def test_no_reason_of_an_operator_says_that_nobody_pays():
    assert not [reason for reason in Reason if "pay" in reason.label or "subscri" in reason.label]
    with pytest.raises(Ungrounded):
        Grounds("non_payment", "case 118")
    with pytest.raises(Ungrounded):
        Grounds(Reason.HARM, " ")


def test_other_servers_go_on(server):
    run_dry(RetirementFactory())
    tasks.retirements()
    assert standing_of(server) == Standing.ACTIVE
