"""Operators restrict and suspend, on grounds from a closed list; each party lifts its own."""

import pytest
from django.db import IntegrityError, transaction

from audit.authority import OutsideAuthority
from audit.models import AuditEvent
from enigm_command.lib.vault import PLATFORM
from lifecycle.actions import lift_restriction, restrict_server, resume_server, suspend_server
from lifecycle.models import (
    AlreadyInForce,
    Grounds,
    NothingToLift,
    Party,
    Reason,
    Restriction,
    Ungrounded,
)
from membership.access import Purpose, Refused, admit
from servers.models import Server, Standing
from tests.app import app_token
from tests.factories import OperatorFactory, RestrictionFactory
from tests.objects import member_of
from tests.search import says
from tests.support import actions_of, events_of

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R26")]
GROUNDS = Grounds(Reason.HARM, "case 118")


@pytest.fixture
def operator():
    return OperatorFactory().authority


def standing_of(server):
    return Server.objects.get(pk=server.pk).standing


def test_restricting_stops_what_comes_in_and_stands_in_both_logs(server, operator):
    member_of(server, "uma")
    restrict_server(server, GROUNDS, by=operator)

    assert standing_of(server) == Standing.RESTRICTED
    assert admit(app_token("uma"), server.locator, Purpose.READ)
    with pytest.raises(Refused):
        admit(app_token("uma"), server.locator, Purpose.STORE)
    (event,) = events_of(server)
    assert event.sentence == "restricted the server (harm)"
    assert event.private["reference"] == "case 118"
    newest = AuditEvent.objects.of(PLATFORM).newest_first()[:1].disclosed()[0]
    assert (newest.action, newest.data["server"]) == ("server.restricted", str(server.pk))


def test_the_reference_is_sealed(server, operator):
    restriction = restrict_server(server, GROUNDS, by=operator)
    stored = Restriction.objects.values_list("reference", flat=True).get(pk=restriction.pk)
    assert not says("118", stored)
    assert not says("118", events_of(server)[0].leaf)


def test_restricting_twice_is_one_restriction(server, operator):
    restrict_server(server, GROUNDS, by=operator)
    with pytest.raises(AlreadyInForce):
        restrict_server(server, GROUNDS, by=OperatorFactory().authority)
    assert actions_of(server) == ["server.restricted"]


def test_any_operator_lifts_it_and_no_administrator_does(server, oren, operator):
    restrict_server(server, GROUNDS, by=operator)
    with pytest.raises(OutsideAuthority):
        lift_restriction(server, by=oren)
    lift_restriction(server, by=OperatorFactory().authority)
    assert standing_of(server) == Standing.ACTIVE
    with pytest.raises(NothingToLift):
        lift_restriction(server, by=operator)


def test_administrators_restrict_nothing(server, oren, mallory):
    for by in (oren, mallory):
        with pytest.raises(OutsideAuthority):
            restrict_server(server, GROUNDS, by=by)
    assert actions_of(server) == ["server.restricted refused"]


def test_both_parties_suspend_and_each_resumes_its_own(server, oren, operator):
    suspend_server(server, by=oren)
    suspend_server(server, grounds=GROUNDS, by=operator)
    resume_server(server, by=oren)
    assert standing_of(server) == Standing.SUSPENDED
    with pytest.raises(NothingToLift):
        resume_server(server, by=oren)
    resume_server(server, by=operator)
    assert standing_of(server) == Standing.ACTIVE


def test_an_operator_never_acts_without_grounds_and_an_administrator_never_on_them(
    server, oren, operator
):
    with pytest.raises(Ungrounded):
        suspend_server(server, by=operator)
    with pytest.raises(Ungrounded):
        suspend_server(server, grounds=GROUNDS, by=oren)
    assert not events_of(server)


def test_the_database_refuses_the_platforms_record_without_a_reason(server):
    with pytest.raises(IntegrityError), transaction.atomic():
        RestrictionFactory(server=server, party=Party.PLATFORM, code="")
