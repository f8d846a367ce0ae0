"""Removing a member: one act, and at once, whatever becomes of what they had sent."""

from datetime import timedelta

import pytest

from audit.authority import OutsideAuthority
from audit.vocabulary import Action
from content import intake, tasks
from content.actions import remove_member, withhold
from content.models import DeletionOrder, Withholding
from content.removal import Asking, Removal, Sent
from content.scope import Scope
from enigm_command.lib import clock
from membership import tasks as membership_tasks
from membership.access import Purpose, Refused, admit
from membership.actions import approve_join_request
from membership.models import AlreadyRemoved, Block, FormerMember, JoinRequest, Membership
from tests.app import App, FeedReader, app_token
from tests.factories import BlockFactory, MembershipFactory
from tests.objects import arriving, available, in_storage, member_of, offer, sealed, store
from tests.support import actions_of, events_of, excused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R14")]

DELETED = Removal(sent=Sent.DELETE)


@pytest.fixture
def max_(server):
    """Another member, who looks on."""
    return member_of(server, "max")


def test_it_holds_from_the_next_request_on(server, uma, ada):
    assert remove_member(uma.membership, by=ada) is None
    with pytest.raises(Refused):
        admit(app_token(), server.locator, Purpose.READ)
    assert not Membership.objects.of(server).exists()


def test_what_they_sent_is_kept_until_it_expires(server, uma, max_, ada):
    stored = store(uma)
    remove_member(uma.membership, by=ada)
    assert available(max_) == {stored.id}
    assert not DeletionOrder.objects.of(server.pk).exists()


def test_or_it_goes_with_them_in_the_same_act(server, uma, max_, ada):
    store(uma), store(uma, kind="media")
    kept = store(max_)
    order = remove_member(uma.membership, DELETED, by=ada)
    assert available(max_) == {kept.id}
    assert (order.author, order.kind, order.previewed) == (uma.handle, "", 2)
    assert actions_of(server) == [Action.MEMBER_REMOVED]
    tasks.purge(str(order.pk))
    assert in_storage(server) == 1
    assert actions_of(server) == [Action.MEMBER_REMOVED, Action.DELETION_COMPLETED]


@pytest.mark.requirement("R5")
def test_the_entry_names_the_order_in_public_and_the_person_only_in_private(server, uma, ada):
    order = remove_member(uma.membership, DELETED, by=ada)
    (entry,) = events_of(server)
    assert entry.data == {
        "capacity": "administrator",
        "order": str(order.pk),
        "number": order.number,
    }
    assert entry.private == {
        "actor": "ada",
        "handle": uma.membership.short_handle,
        "member": "Uma",
    }


def test_the_second_administrator_is_told_that_another_was_first(server, uma, ada, oren):
    remove_member(uma.membership, by=ada)
    with pytest.raises(AlreadyRemoved):
        remove_member(uma.membership, DELETED, by=oren)
    assert actions_of(server) == [Action.MEMBER_REMOVED]
    assert not DeletionOrder.objects.of(server.pk).exists()


@pytest.mark.requirement("R5")
def test_nobody_from_elsewhere_removes_anyone(server, uma, mallory):
    with pytest.raises(OutsideAuthority):
        remove_member(uma.membership, DELETED, by=mallory)
    assert Membership.objects.of(server).exists()
    assert events_of(server) == []


def test_who_is_admitted_again_does_not_find_again_what_was_deleted(server, uma, ada):
    store(uma)
    remove_member(uma.membership, DELETED, by=ada)
    MembershipFactory(server=server, subject="uma")
    again = member_of(server)
    assert again.handle == uma.handle
    assert available(again) == set()


def test_an_upload_that_is_under_way_ends_with_the_membership(server, uma, ada):
    """Whoever is admitted at the first byte need not be at the last."""
    answers = iter([uma])

    def asked_again():
        for access in answers:
            remove_member(uma.membership, by=ada)
            return access
        return admit(app_token(), server.locator, Purpose.STORE)

    with pytest.raises(Refused):
        intake.store(offer(authored_at=clock.now()), arriving(sealed()), asked_again)
    assert in_storage(server) == 0


# --- the outcomes beside access -------------------------------------------------------------------
def test_one_entry_names_the_block_and_the_withholding(server, uma, ada):
    until = clock.now() + timedelta(days=7)
    store(uma)
    removal = Removal(sent=Sent.WITHHOLD, asking=Asking.LATER, until=until, reason="Forwarded")
    remove_member(uma.membership, removal, by=ada)
    (entry,) = events_of(server)
    assert entry.data == {
        "block": str(Block.objects.of(server).get().pk),
        "capacity": "administrator",
        "until": until.isoformat(timespec="seconds"),
        "withholding": str(Withholding.objects.of(server.pk).get().pk),
    }
    assert entry.private["reason"] == "Forwarded"


def test_what_is_withheld_already_stays_withheld_as_it_is(server, uma, ada):
    standing = withhold(server, Scope(author=uma.handle), by=ada)
    remove_member(uma.membership, Removal(sent=Sent.WITHHOLD), by=ada)
    assert list(Withholding.objects.of(server.pk)) == [standing]


@pytest.mark.requirement("R3", "R26")
def test_a_token_that_lives_on_opens_nothing_while_the_feed_answers(server, uma, ada):
    phone, objects = FeedReader(server), f"/api/v1/servers/{server.locator}/objects"
    assert (phone.ask().status_code, phone.get(objects).status_code) == (200, 200)
    remove_member(uma.membership, DELETED, by=ada)
    assert phone.get(objects).status_code == 403
    told = phone.ask()
    assert (told.status_code, told.json()["admitted"]) == (200, False)
    assert told.json()["entries"][-1]["what"] == "deletion"


@pytest.mark.requirement("R30")
def test_under_never_the_answer_is_the_same_and_nothing_is_kept(server, uma, ada):
    remove_member(uma.membership, Removal(asking=Asking.NEVER), by=ada)
    assert asked_again(server).status_code == 202
    assert not JoinRequest.objects.of(server).exists()


def test_at_once_they_wait_like_everyone_else(server, uma, ada):
    remove_member(uma.membership, by=ada)
    assert asked_again(server).status_code == 202
    assert JoinRequest.objects.of(server).waiting().get().handle == uma.handle


def test_a_block_holds_until_its_day_and_no_sweep_is_needed_for_that(server, uma, ada):
    until = clock.now() + timedelta(days=7)
    remove_member(uma.membership, Removal(asking=Asking.LATER, until=until), by=ada)
    asked_again(server)
    assert not JoinRequest.objects.of(server).exists()
    with excused():
        Block.objects.of(server).update(until=clock.now())
    asked_again(server)
    assert JoinRequest.objects.of(server).exists()


def test_a_block_whose_day_has_come_is_lifted_by_the_schedule(server):
    block = BlockFactory(server=server, until=clock.now())
    standing = BlockFactory(server=server, until=clock.now() + timedelta(days=1))
    membership_tasks.blocks()
    assert list(Block.objects.of(server)) == [standing]
    (entry,) = events_of(server)
    assert (entry.action, entry.data["block"]) == (Action.BLOCK_LIFTED, str(block.pk))


def test_a_former_member_is_forgotten_when_nothing_of_theirs_can_be_stored(server, uma, ada):
    remove_member(uma.membership, by=ada)
    membership_tasks.former_members()
    assert FormerMember.objects.of(server).exists()
    FormerMember.objects.of(server).update(ended_at=clock.now() - timedelta(days=30))
    membership_tasks.former_members()
    assert not FormerMember.objects.of(server).exists()


def test_whoever_is_admitted_again_is_no_former_member(server, uma, ada):
    remove_member(uma.membership, by=ada)
    asked_again(server)
    approve_join_request(JoinRequest.objects.of(server).get(), by=ada)
    assert not FormerMember.objects.of(server).exists()


def asked_again(server):
    return App("uma").ask(server.locator)
