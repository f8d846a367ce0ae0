"""Answering those who ask to join."""

import pytest
from django.db import DatabaseError, connection, transaction

from audit.authority import SCHEDULE, OutsideAuthority
from audit.vocabulary import Action
from enigm_command.lib import vault
from membership.actions import approve_join_request, reject_join_request
from membership.models import AlreadyDecided, JoinRequest, Membership, NotTakingMembers
from servers.models import Administrator, Server, Standing
from tests.app import App
from tests.factories import JoinRequestFactory, ServerFactory
from tests.search import says
from tests.support import actions_of, events_of, excuse_this_transaction

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.requirement("R12")]


@pytest.fixture
def join_request(server: Server) -> JoinRequest:
    return JoinRequestFactory(server=server, subject="uma", display_name="Uma Oliveira")


@pytest.mark.requirement("R13")
def test_approval_admits_whoever_asked_and_is_recorded(join_request, ada):
    membership = approve_join_request(join_request, by=ada)

    assert membership.handle == join_request.handle
    assert Membership.objects.of(join_request.server).get().display_name == "Uma Oliveira"
    assert actions_of(join_request.server) == [Action.JOIN_REQUEST_APPROVED]


def test_rejection_admits_nobody_and_is_recorded(join_request, ada):
    reject_join_request(join_request, by=ada)

    assert not Membership.objects.exists()
    assert actions_of(join_request.server) == [Action.JOIN_REQUEST_REJECTED]


@pytest.mark.requirement("R27")
@pytest.mark.parametrize("answer", [approve_join_request, reject_join_request])
def test_what_was_told_only_for_the_review_is_erased_with_the_answer(join_request, ada, answer):
    answer(join_request, by=ada)

    join_request.refresh_from_db()
    assert (join_request.note, join_request.compare_code) == (None, None)


def test_the_second_answer_loses_and_leaves_no_trace(join_request, ada):
    approve_join_request(join_request, by=ada)

    with pytest.raises(AlreadyDecided):
        reject_join_request(join_request, by=ada)

    assert actions_of(join_request.server) == [Action.JOIN_REQUEST_APPROVED]


@pytest.mark.requirement("R5")
@pytest.mark.parametrize("answer", [approve_join_request, reject_join_request])
def test_a_stranger_answers_nobody_and_leaves_nothing_in_the_log(join_request, mallory, answer):
    with pytest.raises(OutsideAuthority):
        answer(join_request, by=mallory)

    assert not Membership.objects.exists()
    assert JoinRequest.objects.waiting().get() == join_request
    assert actions_of(join_request.server) == []


@pytest.mark.requirement("R5")
def test_an_administrator_who_was_removed_meanwhile_answers_nobody(join_request, ada):
    with transaction.atomic():
        excuse_this_transaction()
        Administrator.objects.filter(pk=ada.warrant.pk).delete()

    with pytest.raises(OutsideAuthority):
        approve_join_request(join_request, by=ada)

    assert not Membership.objects.exists()
    assert actions_of(join_request.server) == ["join_request.approved refused"]


def test_the_schedule_answers_nobody(join_request):
    with pytest.raises(OutsideAuthority):
        approve_join_request(join_request, by=SCHEDULE)


@pytest.mark.requirement("R13", "R24")
@pytest.mark.parametrize("standing", sorted(set(Standing) - {Standing.ACTIVE}))
def test_nobody_is_admitted_to_a_server_that_is_not_active(ada, server, standing):
    join_request = JoinRequestFactory(server=server)
    with transaction.atomic():
        excuse_this_transaction()
        Server.objects.filter(pk=server.pk).update(name=None, standing=standing)

    with pytest.raises(NotTakingMembers):
        approve_join_request(join_request, by=ada)

    assert JoinRequest.objects.waiting().get() == join_request
    assert actions_of(server) == []


def test_a_request_that_ended_can_no_longer_be_answered(join_request, ada):
    JoinRequest.objects.filter(pk=join_request.pk).update(asked_at="2026-01-01T00:00Z")

    with pytest.raises(AlreadyDecided):
        approve_join_request(join_request, by=ada)


def test_whoever_was_rejected_may_ask_again(join_request, ada):
    reject_join_request(join_request, by=ada)
    App("uma").ask(join_request.server.locator)

    assert JoinRequest.objects.of(join_request.server).waiting().exists()


@pytest.mark.requirement("R13")
def test_access_begins_with_the_approval_and_not_before(server, ada):
    uma = App("uma")
    uma.ask(server.locator, display_name="Uma")

    def membership() -> str:
        answer = uma.get(f"/api/v1/servers/{server.locator}/access").json()
        return next(c["state"] for c in answer["conditions"] if c["name"] == "membership")

    assert (uma.status(), membership()) == ("waiting", "does_not_hold")
    approve_join_request(JoinRequest.objects.get(), by=ada)
    assert (uma.status(), membership()) == ("approved", "holds")


@pytest.mark.requirement("R28", "R29")
def test_the_log_names_who_was_approved_only_where_it_can_be_erased(join_request, ada):
    approve_join_request(join_request, by=ada)

    entry = events_of(join_request.server)[-1]
    assert entry.private["name"] == "Uma Oliveira"
    assert not says("Uma", entry.leaf)


@pytest.mark.requirement("R27")
def test_the_log_keeps_no_name_of_who_was_rejected(join_request, ada):
    reject_join_request(join_request, by=ada)

    entry = events_of(join_request.server)[-1]
    assert set(entry.private) == {"actor"}


UNRECORDED = [
    "UPDATE membership_joinrequest SET decision = 'approved', decided_at = now(),"
    " note = NULL, compare_code = NULL",
    "UPDATE membership_joinrequest SET handle = gen_random_uuid()",
    "INSERT INTO membership_membership (id, server_id, handle, display_name, words)"
    " SELECT gen_random_uuid(), server_id, handle, display_name, words FROM membership_joinrequest",
]


@pytest.mark.requirement("R5")
@pytest.mark.parametrize("statement", UNRECORDED)
def test_the_database_refuses_an_answer_without_its_entry(join_request, statement):
    with (
        pytest.raises(DatabaseError, match="without an audit event"),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.requirement("R29")
def test_no_table_tells_a_name_once_the_servers_key_is_gone(join_request, ada):
    membership = approve_join_request(join_request, by=ada)
    vault.destroy_key(join_request.server_id)

    membership.refresh_from_db()
    assert membership.display_name == "unreadable"


def test_everyones_requests_are_their_own(join_request):
    JoinRequestFactory(server=ServerFactory())
    assert JoinRequest.objects.of(join_request.server).get() == join_request
