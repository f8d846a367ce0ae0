"""Removing a member: one act, and at once, whatever becomes of what they had sent."""

import pytest

from audit.authority import OutsideAuthority
from audit.vocabulary import Action
from content import intake, tasks
from content.actions import remove_member
from content.models import DeletionOrder
from enigm_command.lib import clock
from membership.access import Purpose, Refused, admit
from membership.models import AlreadyRemoved, Membership
from tests.app import app_token
from tests.factories import MembershipFactory
from tests.objects import arriving, available, in_storage, member_of, offer, sealed, store
from tests.support import actions_of, events_of

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R14")]


@pytest.fixture
def max_(server):
    """Another member, who looks on."""
    return member_of(server, "max")


def test_it_holds_from_the_next_request_on(server, uma, ada):
    assert remove_member(uma.membership, delete_content=False, by=ada) is None
    with pytest.raises(Refused):
        admit(app_token(), server.locator, Purpose.READ)
    assert not Membership.objects.of(server).exists()


def test_what_they_sent_is_kept_until_it_expires(server, uma, max_, ada):
    stored = store(uma)
    remove_member(uma.membership, delete_content=False, by=ada)
    assert available(max_) == {stored.id}
    assert not DeletionOrder.objects.of(server.pk).exists()


def test_or_it_goes_with_them_in_the_same_act(server, uma, max_, ada):
    store(uma), store(uma, kind="media")
    kept = store(max_)
    order = remove_member(uma.membership, delete_content=True, by=ada)
    assert available(max_) == {kept.id}
    assert (order.author, order.kind, order.previewed) == (uma.handle, "", 2)
    assert actions_of(server) == [Action.MEMBER_REMOVED]
    tasks.purge(str(order.pk))
    assert in_storage(server) == 1
    assert actions_of(server) == [Action.MEMBER_REMOVED, Action.DELETION_COMPLETED]


@pytest.mark.requirement("R5")
def test_the_entry_names_the_order_in_public_and_the_person_only_in_private(server, uma, ada):
    order = remove_member(uma.membership, delete_content=True, by=ada)
    (entry,) = events_of(server)
    assert entry.data == {
        "capacity": "administrator",
        "order": str(order.pk),
        "number": order.number,
    }
    assert entry.private == {"actor": "ada", "member": "Uma"}


def test_the_second_administrator_is_told_that_another_was_first(server, uma, ada, oren):
    remove_member(uma.membership, delete_content=False, by=ada)
    with pytest.raises(AlreadyRemoved):
        remove_member(uma.membership, delete_content=True, by=oren)
    assert actions_of(server) == [Action.MEMBER_REMOVED]
    assert not DeletionOrder.objects.of(server.pk).exists()


@pytest.mark.requirement("R5")
def test_nobody_from_elsewhere_removes_anyone(server, uma, mallory):
    with pytest.raises(OutsideAuthority):
        remove_member(uma.membership, delete_content=True, by=mallory)
    assert Membership.objects.of(server).exists()
    assert events_of(server) == []


def test_who_is_admitted_again_does_not_find_again_what_was_deleted(server, uma, ada):
    store(uma)
    remove_member(uma.membership, delete_content=True, by=ada)
    MembershipFactory(server=server, subject="uma")
    again = member_of(server)
    assert again.handle == uma.handle
    assert available(again) == set()


def test_an_upload_that_is_under_way_ends_with_the_membership(server, uma, ada):
    """Whoever is admitted at the first byte need not be at the last."""
    answers = iter([uma])

    def asked_again():
        for access in answers:
            remove_member(uma.membership, delete_content=False, by=ada)
            return access
        return admit(app_token(), server.locator, Purpose.STORE)

    with pytest.raises(Refused):
        intake.store(offer(authored_at=clock.now()), arriving(sealed()), asked_again)
    assert in_storage(server) == 0
