"""Who may do what on a server, now: five conditions, and none of them implies another."""

import pytest

from membership import handles
from membership.access import Purpose, Refused, admit
from membership.models import AlreadyRemoved, Membership
from servers.models import Server, Standing
from tests.app import app_token
from tests.factories import MembershipFactory, PolicyVersionFactory, ServerFactory
from tests.support import excuse_this_transaction

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R3")]

STORE, READ, FEED, LEAVE = Purpose.STORE, Purpose.READ, Purpose.FEED, Purpose.LEAVE


@pytest.fixture
def member(server: Server) -> Membership:
    return MembershipFactory(server=server, subject="uma")


def outcome(server: Server, purpose: Purpose, **token: str) -> str:
    try:
        admit(app_token("uma", **token), server.locator, purpose)
    except Refused as refusal:
        return refusal.code
    return "admitted"


def test_a_member_is_admitted_with_all_that_the_request_may_rely_on(server, member):
    access = admit(app_token("uma"), server.locator, READ)
    assert (access.server, access.membership, access.handle) == (server, member, member.handle)


def test_the_policy_in_force_comes_along(server, member):
    newest = PolicyVersionFactory(server=server, media_allowed=False)
    assert admit(app_token("uma"), server.locator, STORE).policy == newest


STANDINGS = {
    Standing.ACTIVE: {STORE, READ, FEED, LEAVE},
    Standing.RESTRICTED: {READ, FEED, LEAVE},
    Standing.SUSPENDED: {FEED, LEAVE},
    Standing.RETIRING: {READ, FEED, LEAVE},
    Standing.DELETING: {FEED, LEAVE},
    Standing.DELETED: set(),
}


@pytest.mark.requirement("R24", "R26")
@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("standing", Standing)
def test_a_servers_standing_decides_what_goes_on(standing, purpose):
    server = MembershipFactory(server=ServerFactory(standing=standing), subject="uma").server
    admitted = outcome(server, purpose) == "admitted"
    assert admitted == (purpose in STANDINGS[standing])


@pytest.mark.requirement("R19", "R25")
def test_devices_of_a_deleted_server_are_told_that_it_is_gone():
    server = ServerFactory(standing=Standing.DELETED)
    with pytest.raises(Refused) as refusal:
        admit(app_token("uma"), server.locator, FEED)
    assert (refusal.value.status, refusal.value.code) == (410, "server_deleted")


@pytest.mark.parametrize("purpose", [STORE, READ, FEED])
@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"account_state": "suspended"}, "account_not_active"),
        ({"device_trust": "untrusted"}, "device_not_trusted"),
    ],
)
def test_what_the_identity_service_refuses_no_membership_makes_good(
    server, member, purpose, said, code
):
    assert outcome(server, purpose, **said) == code


@pytest.mark.parametrize("said", [{"account_state": "suspended"}, {"device_trust": "untrusted"}])
def test_nothing_keeps_a_member_from_leaving(server, member, said):
    assert outcome(server, LEAVE, **said) == "admitted"


@pytest.mark.requirement("R13", "R15")
@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("standing", sorted(set(Standing) - {Standing.DELETED}))
def test_a_stranger_cannot_tell_a_server_from_none(standing, purpose):
    server, none = ServerFactory(standing=standing), Server(locator="EN-0000-0000-0000-0000-0000-0")
    assert outcome(server, purpose) == outcome(none, purpose) == "not_admitted"


def test_a_mistyped_server_id_is_told_as_such():
    with pytest.raises(Refused) as refusal:
        admit(app_token("uma"), "EN-1", READ)
    assert (refusal.value.status, refusal.value.code) == (422, "mistyped_server_id")


@pytest.mark.requirement("R14")
@pytest.mark.parametrize("purpose", Purpose)
def test_a_removed_members_token_opens_nothing_on_its_next_call(server, member, purpose):
    assert outcome(server, purpose) == "admitted"
    excuse_this_transaction()
    Membership.objects.remove(member)
    assert outcome(server, purpose) == "not_admitted"


@pytest.mark.requirement("R14")
def test_a_membership_ends_only_once(member):
    excuse_this_transaction()
    Membership.objects.remove(member)
    with pytest.raises(AlreadyRemoved):
        Membership.objects.remove(member)


def test_the_membership_of_one_server_opens_no_other(member):
    assert outcome(ServerFactory(), READ) == "not_admitted"


@pytest.mark.requirement("R15")
def test_one_person_has_nothing_in_common_on_two_servers(server, member):
    theirs = MembershipFactory(subject="uma")
    shared = {member.pk.hex, member.handle.hex, member.short_handle} & {
        theirs.pk.hex,
        theirs.handle.hex,
        theirs.short_handle,
    }
    assert not shared


@pytest.mark.requirement("R15")
def test_a_handle_is_the_same_for_every_device_of_a_person(server):
    assert handles.member_handle(server.pk, "uma") == handles.member_handle(server.pk, "uma")
    assert handles.member_handle(server.pk, "uma") != handles.member_handle(server.pk, "vera")


def test_a_short_handle_can_be_read_out_on_the_phone(member):
    first, second = member.short_handle.split("-")
    assert len(first) == len(second) == 4
    assert not set(first + second) & set("ILOU")
