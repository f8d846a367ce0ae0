"""Leaving a server: the member's own act, which nothing may keep them from."""

import pytest

from audit.authority import Authority
from audit.vocabulary import Action, Capacity
from content.actions import leave, remove_member
from content.models import DeletionOrder
from membership.models import AlreadyRemoved, FormerMember, Membership
from servers.models import Server, Standing
from tests.app import App
from tests.browser import Browser
from tests.objects import available, member_of, store
from tests.support import actions_of, events_of, excused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R14", "R15")]


def left(server, sent="keep", who="uma"):
    return App(who).delete(f"/api/v1/servers/{server.locator}/membership?sent={sent}")


def into(server, standing):
    with excused():
        Server.objects.filter(pk=server.pk).update(standing=standing)


def test_whoever_leaves_is_no_member_from_the_next_request_on(server, uma):
    assert left(server).status_code == 204
    assert not Membership.objects.of(server).exists()
    again = App("uma").get(f"/api/v1/servers/{server.locator}/objects")
    assert (again.status_code, again.json()["code"]) == (403, "not_admitted")


@pytest.mark.parametrize(
    "standing", [Standing.RESTRICTED, Standing.SUSPENDED, Standing.RETIRING, Standing.DELETING]
)
def test_no_standing_keeps_a_member(server, uma, standing):
    into(server, standing)
    assert left(server).status_code == 204


def test_what_they_sent_stays_if_they_wish(server, uma):
    kept, onlooker = store(uma), member_of(server, "max")
    left(server, "keep")
    assert available(onlooker) == {kept.id}
    assert FormerMember.objects.of(server).get().handle == uma.handle


def test_or_it_goes_with_them_without_an_order(server, uma):
    onlooker = member_of(server, "max")
    kept, _ = store(onlooker), store(uma)
    left(server, "delete")
    assert available(onlooker) == {kept.id}
    assert not DeletionOrder.objects.of(server.pk).exists()


@pytest.mark.requirement("R5")
@pytest.mark.parametrize(("sent", "said"), [("keep", "kept"), ("delete", "deleted")])
def test_the_entry_says_that_somebody_left_and_not_who(server, uma, sent, said):
    left(server, sent)
    (entry,) = events_of(server)
    assert entry.action == Action.MEMBER_LEFT
    assert entry.data == {"capacity": "member", "sent": said}
    assert entry.private == {}


@pytest.mark.parametrize("query", ["", "?sent=", "?sent=withhold"])
def test_the_choice_has_to_be_made(server, uma, query):
    answer = App("uma").delete(f"/api/v1/servers/{server.locator}/membership{query}")
    assert answer.status_code == 422
    assert Membership.objects.of(server).exists()


def test_the_second_time_they_are_nobody_there(server, uma):
    left(server)
    assert (left(server).status_code, left(server).json()["code"]) == (403, "not_admitted")
    assert actions_of(server) == [Action.MEMBER_LEFT]


def test_nobody_leaves_for_somebody_else(server, uma):
    assert left(server, who="a stranger").status_code == 403
    assert Membership.objects.of(server).exists()
    assert events_of(server) == []


def test_whoever_was_removed_meanwhile_is_told_that_they_are_no_member(server, uma, ada):
    remove_member(uma.membership, by=ada)
    as_member = Authority(Capacity.MEMBER, server_id=server.pk, warrant=uma.membership)
    with pytest.raises(AlreadyRemoved):
        leave(uma, delete_content=True, by=as_member)
    assert actions_of(server) == [Action.MEMBER_REMOVED]


@pytest.mark.requirement("R3")
def test_an_administrator_who_is_a_user_too_is_two_separate_things(server, ada):
    """Neither power comes from the other, and the end of one leaves the other."""
    signed_in = Browser().sign_in(ada.warrant.account)
    objects = f"/api/v1/servers/{server.locator}/objects"
    assert signed_in.get(objects).status_code == 401
    assert App("ada").get(objects).status_code == 403
    member_of(server, "ada")
    assert App("ada").get(objects).status_code == 200
    left(server, who="ada")
    assert App("ada").get(objects).status_code == 403
    assert signed_in.get(f"/servers/{server.pk}/members/").status_code == 200
