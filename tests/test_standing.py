"""Standing follows from the open records: the gravest one shows, and each goes its own way."""

from datetime import timedelta
from threading import Barrier
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db import transaction

from accounts.models import Proposal
from accounts.proposals import NotOpen
from audit.authority import SCHEDULE
from audit.recording import Closed
from audit.vocabulary import Capacity
from content.actions import order_deletion, remove_member
from content.models import Gate
from content.scope import EVERYTHING
from enigm_command.lib import clock
from lifecycle import actions, tasks
from lifecycle.agreements import BY_OPERATORS, ask_second
from lifecycle.models import (
    AlreadyInForce,
    Grounds,
    NothingToLift,
    NotInThisStanding,
    Party,
    ProposedAct,
    Reason,
    Restriction,
    Retirement,
    ServerDeletion,
    Suspension,
)
from lifecycle.models.hold import Wish
from lifecycle.standing import settle
from membership.actions import approve_join_request, reject_join_request
from membership.models import (
    AlreadyDecided,
    AlreadyRemoved,
    JoinRequest,
    Membership,
    NotTakingMembers,
)
from servers.actions import export_log, rename_server
from servers.models import Server, Standing
from tests.factories import (
    AccountFactory,
    HoldFactory,
    JoinRequestFactory,
    MembershipFactory,
    OperatorFactory,
    RestrictionFactory,
    RetirementFactory,
    ServerDeletionFactory,
    ServerFactory,
    SuspensionFactory,
)
from tests.support import events_of, excused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R24")]


def settled(server):
    with excused():
        standing = settle(server)
    assert Server.objects.get(pk=server.pk).standing == standing
    return standing


def test_without_records_a_server_is_active(server):
    assert settled(server) == Standing.ACTIVE


@pytest.mark.parametrize("party", Party)
def test_one_open_suspension_suspends(server, party):
    SuspensionFactory(server=server, party=party)
    assert settled(server) == Standing.SUSPENDED


def test_lifting_one_of_two_suspensions_leaves_the_other(server):
    SuspensionFactory(server=server, party=Party.SERVER)
    SuspensionFactory(server=server, party=Party.PLATFORM)
    with excused():
        assert Suspension.objects.lift(server, Party.SERVER)
    assert settled(server) == Standing.SUSPENDED


def test_a_deletion_is_graver_than_a_suspension_and_calling_it_off_shows_the_suspension(server):
    SuspensionFactory(server=server)
    deletion = ServerDeletionFactory(server=server)
    assert settled(server) == Standing.DELETING

    with excused():
        assert ServerDeletion.objects.call_off(deletion.server, Party.SERVER)
    assert settled(server) == Standing.SUSPENDED


def test_other_servers_records_change_nothing_here(server):
    SuspensionFactory()
    assert settled(server) == Standing.ACTIVE


@pytest.mark.requirement("R26")
def test_each_party_lifts_only_what_it_placed():
    platform = {Capacity.OPERATOR, Capacity.SCHEDULE}
    assert {each for each in Capacity if Party.of(each) == Party.PLATFORM} == platform


@pytest.mark.django_db(transaction=True)
def test_of_two_records_at_the_same_moment_the_graver_one_shows(elsewhere):
    server, together = ServerFactory(), Barrier(2)

    def place(factory):
        with transaction.atomic():
            factory(server=server)
            together.wait()
            settle(server)

    for placed in [
        elsewhere(lambda f=f: place(f)) for f in (SuspensionFactory, ServerDeletionFactory)
    ]:
        placed.result()
    assert Server.objects.get(pk=server.pk).standing == Standing.DELETING


# --- every act in every standing ------------------------------------------------------------------
REFUSED = (
    AlreadyDecided,
    AlreadyInForce,
    AlreadyRemoved,
    Closed,
    NothingToLift,
    NotInThisStanding,
    NotOpen,
    NotTakingMembers,
)
HERE = {  # what puts a server into each standing
    Standing.ACTIVE: lambda server: None,
    Standing.RESTRICTED: lambda server: RestrictionFactory(server=server),
    Standing.SUSPENDED: lambda server: SuspensionFactory(server=server),
    Standing.RETIRING: lambda server: RetirementFactory(server=server),
    Standing.DELETING: lambda server: ServerDeletionFactory(server=server),
}
THERE = {*Standing} - {Standing.DELETED}
LIVING = THERE - {Standing.DELETING}
GROUNDS = Grounds(Reason.SECURITY, "case 118")
HELD = {"category": "legal", "reason": "A claim is heard.", "reference": "case 118"}


def wish():
    return Wish(until=clock.now() + timedelta(days=9), **HELD)


def agreed(server, cast):
    """A first operator proposed it; the second one orders it."""
    parts = (ProposedAct.Act.DELETE.value, str(server.pk), GROUNDS.reason.value, GROUNDS.reference)
    proposal = Proposal.objects.propose(
        BY_OPERATORS, *parts, by=AccountFactory(), server_id=server.pk, lasts=timedelta(hours=1)
    )
    return actions.order_agreed_server_deletion(server, proposal.pk, GROUNDS, by=cast.opal)


def as_second(server, cast):
    """The owner's deletion asks for a second administrator, where there is one."""
    deletion = ServerDeletion.objects.filter(server=server, finished_at=None).first()
    if deletion is None:
        raise NothingToLift
    ask_second(deletion, cast.oren.actor)
    return actions.agree_to_server_deletion(deletion, by=cast.ada)


ACTS = {  # each act, and the standings in which it is done; in all others it is refused
    "restrict": (
        lambda server, cast: actions.restrict_server(server, GROUNDS, by=cast.opal),
        THERE - {Standing.RESTRICTED},
    ),
    "lift the restriction": (
        lambda server, cast: actions.lift_restriction(server, by=cast.opal),
        {Standing.RESTRICTED},
    ),
    "suspend": (
        lambda server, cast: actions.suspend_server(server, by=cast.ada),
        THERE - {Standing.SUSPENDED},
    ),
    "suspend as operator": (
        lambda server, cast: actions.suspend_server(server, grounds=GROUNDS, by=cast.opal),
        THERE,
    ),
    "resume": (
        lambda server, cast: actions.resume_server(server, by=cast.ada),
        {Standing.SUSPENDED},
    ),
    "resume as operator": (
        lambda server, cast: actions.resume_server(server, by=cast.opal),
        set(),
    ),
    "announce the retirement": (
        lambda server, cast: actions.announce_retirement(server, by=SCHEDULE),
        LIVING - {Standing.RETIRING},
    ),
    "retire": (
        lambda server, cast: actions.retire_server(server, by=cast.oren),
        LIVING - {Standing.RETIRING},
    ),
    "retire as operator": (
        lambda server, cast: actions.retire_server(server, grounds=GROUNDS, by=cast.opal),
        LIVING - {Standing.RETIRING},
    ),
    "call the retirement off": (
        lambda server, cast: actions.call_off_retirement(server, by=cast.ada),
        {Standing.RETIRING},
    ),
    "order the deletion": (
        lambda server, cast: actions.order_server_deletion(server, by=cast.oren),
        LIVING,
    ),
    "propose the deletion": (
        lambda server, cast: actions.propose_server_deletion(server, GROUNDS, by=cast.opal),
        LIVING,
    ),
    "order the agreed deletion": (agreed, LIVING),
    "agree to the deletion": (as_second, {Standing.DELETING}),
    "call the deletion off": (
        lambda server, cast: actions.call_off_server_deletion(server, by=cast.ada),
        {Standing.DELETING},
    ),
    "hold": (lambda server, cast: actions.place_hold(server, wish(), by=cast.opal), LIVING),
    "lift the hold": (
        lambda server, cast: actions.lift_hold(cast.hold, by=cast.opal),
        THERE,
    ),
    "rename": (lambda server, cast: rename_server(server, "Quay", by=cast.ada), THERE),
    "export the log": (lambda server, cast: export_log(server, by=cast.ada), THERE),
    "delete content": (
        lambda server, cast: order_deletion(server, EVERYTHING, order_id=uuid4(), by=cast.ada),
        THERE,
    ),
    "approve a join request": (
        lambda server, cast: approve_join_request(cast.request, by=cast.ada),
        {Standing.ACTIVE},
    ),
    "reject a join request": (
        lambda server, cast: reject_join_request(cast.request, by=cast.ada),
        THERE,
    ),
    "remove a member": (
        lambda server, cast: remove_member(cast.member, by=cast.ada),
        THERE,
    ),
}


@pytest.fixture
def cast(server, oren, ada):
    """Everyone who acts, and whom they act on."""
    opal = OperatorFactory().authority
    on = {
        "hold": HoldFactory(server=server),
        "member": MembershipFactory(server=server, subject="uma"),
        "request": JoinRequestFactory(server=server),
    }
    return SimpleNamespace(oren=oren, ada=ada, opal=opal, **on)


def put(server, standing):
    """Bring the server into a standing by what brings it there."""
    if standing != Standing.DELETED:
        HERE[standing](server)
        assert settled(server) == standing
        return
    deletion = ServerDeletionFactory(server=server, due_at=clock.now())
    settled(server)
    tasks.delete_server(str(deletion.pk))
    server.refresh_from_db()


def rows_of(server):
    """What an act might change."""
    of_server = (Restriction, Suspension, Retirement, ServerDeletion, JoinRequest, Membership)
    kept = [
        list(model.objects.filter(server=server).order_by("pk").values()) for model in of_server
    ]
    for row in kept[3]:  # a lease is work and no act
        del row["lease_until"], row["fence"]
    return Server.objects.filter(pk=server.pk).values().get(), Gate.objects.get(pk=server.pk), kept


@pytest.mark.parametrize("standing", Standing, ids=lambda standing: standing.value)
@pytest.mark.parametrize("act", ACTS)
def test_each_act_is_done_and_recorded_once_or_refused_and_changes_nothing(
    act, standing, server, cast
):
    perform, allowed = ACTS[act]
    put(server, standing)
    before, entries = rows_of(server), len(events_of(server))
    if standing in allowed:
        perform(server, cast)
        assert len(events_of(server)) == entries + 1
        assert Server.objects.get(pk=server.pk).standing == settled(server)
    else:
        with pytest.raises(REFUSED):
            perform(server, cast)
        assert rows_of(server) == before
        assert len(events_of(server)) == entries
