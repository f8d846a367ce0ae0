"""Who was admitted, and the end of a membership: by one, or by several at once."""

from uuid import UUID

import pytest

from audit.vocabulary import Action
from content.models import DeletionOrder
from membership.models import Membership
from tests.browser import Browser
from tests.codes import fresh_code
from tests.factories import MembershipFactory
from tests.objects import available, member_of, store
from tests.support import actions_of

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R14")]


class Panel(Browser):
    """Ada at her server's list of users."""

    def __init__(self, server, ada):
        super().__init__()
        self.account = ada.warrant.account
        self.sign_in(self.account)
        self.root = f"/servers/{server.pk}/"

    def list(self, **query):
        return self.get(f"{self.root}members/", query)

    def remove(self, *people):
        return self.post(self.address(*people), {"sent": "keep"})

    def remove_with_content(self, *people, **typed):
        shown = self.get(self.address(*people))
        return self.press(shown, "and delete", **{"code": fresh_code(self.account), **typed})

    def address(self, *people):
        if len(people) == 1:
            return f"{self.root}members/{people[0].pk}/removal/"
        picks = "&".join(f"pick={person.pk}" for person in people)
        return f"{self.root}members/removal/?{picks}"


@pytest.fixture
def panel(server, ada):
    return Panel(server, ada)


@pytest.fixture
def three(server):
    return [
        MembershipFactory(server=server, subject=name, display_name=name.title())
        for name in ("uma", "max", "lena")
    ]


@pytest.mark.requirement("R15")
def test_the_list_shows_names_and_dates_and_no_activity(panel, server, three):
    page = panel.list().content.decode()
    assert all(name in page for name in ("Uma", "Max", "Lena", "3 users"))
    assert str(three[0].handle) not in page
    assert "objects" not in page.split("<main")[1].split("</main>")[0]


def test_an_empty_list_says_how_it_fills(panel):
    assert "Nobody has been admitted yet" in panel.list().content.decode()


def test_the_list_goes_on_page_by_page(panel, server):
    MembershipFactory.create_batch(52, server=server)
    first = panel.list()
    assert len(first.context["page"].rows) == 50
    assert len(panel.list(after=first.context["page"].after).context["page"].rows) == 2


def test_the_review_shows_whom_and_how_much_they_sent_and_changes_nothing(panel, server, uma):
    store(uma), store(uma)
    answer = panel.get(panel.address(uma.membership))
    assert [(person.shown_name, sent) for person, sent in answer.context["people"]] == [("Uma", 2)]
    assert "What removal cannot do" in answer.content.decode()
    assert Membership.objects.of(server).exists()


def test_removed_with_what_they_sent_it_leads_to_the_order(panel, server, uma):
    store(uma)
    answer = panel.remove_with_content(uma.membership)
    order = DeletionOrder.objects.get(server_id=server.pk)
    assert answer.url == f"{panel.root}orders/{order.pk}/"
    assert actions_of(server) == [Action.MEMBER_REMOVED]


def test_removed_alone_it_leads_back_to_the_list(panel, server, uma):
    kept = store(uma)
    onlooker = member_of(server, "max")
    answer = panel.remove(uma.membership)
    assert answer.url == f"{panel.root}members/"
    assert "Removed: Uma" in panel.list().content.decode()
    assert available(onlooker) == {kept.id}


def test_several_are_removed_by_an_act_each(panel, server, three):
    shown = panel.get(panel.address(*three[:2]))
    assert "Remove 2 users" in shown.content.decode()
    answer = panel.remove_with_content(*three[:2])
    assert answer.url == f"{panel.root}orders/"
    assert [member.display_name for member in Membership.objects.of(server)] == ["Lena"]
    assert actions_of(server) == [Action.MEMBER_REMOVED] * 2
    assert DeletionOrder.objects.of(server.pk).count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_who_remove_the_same_people_at_once_remove_each_once(
    panel, server, oren, three, elsewhere
):
    answers = [
        elsewhere(lambda: panel.remove(*three)),
        elsewhere(lambda: Panel(server, oren).remove_with_content(*three)),
    ]
    assert [answer.result(20).status_code for answer in answers] == [302, 302]
    assert not Membership.objects.of(server).exists()
    assert actions_of(server) == [Action.MEMBER_REMOVED] * 3


@pytest.mark.parametrize("query", ["", "?pick=", "?pick=nobody", f"?pick={UUID(int=1)}"])
def test_nobody_picked_is_said(panel, server, query):
    answer = panel.get(f"{panel.root}members/removal/{query}")
    assert answer.url == f"{panel.root}members/"
    assert "Select at least one user first" in panel.list().content.decode()


def test_members_of_other_servers_are_not_there(panel, mallory):
    theirs = member_of(mallory.warrant.server).membership
    assert panel.get(panel.address(theirs)).status_code == 404
    assert panel.remove(theirs, theirs).status_code == 302
    assert Membership.objects.filter(pk=theirs.pk).exists()


@pytest.mark.requirement("R5")
@pytest.mark.parametrize("code", ["", "000000"])
def test_without_a_code_of_the_app_nobody_is_removed_with_what_they_sent(panel, server, uma, code):
    answer = panel.remove_with_content(uma.membership, code=code)
    assert list(answer.context["form"].errors) == ["code"]
    assert Membership.objects.of(server).exists()
    assert actions_of(server) == ["member.removed refused"] * bool(code)


def test_what_was_confirmed_for_some_removes_nobody_else(panel, server, three):
    shown = panel.get(panel.address(three[0]))
    held = {"confirmation": shown.context["form"].confirmation.pk}
    answer = panel.post(panel.address(*three), {**held, "code": fresh_code(panel.account)})
    assert "it has changed" in answer.content.decode()
    assert Membership.objects.of(server).count() == 3


def test_to_remove_and_keep_needs_a_fresh_factor_and_no_code_of_its_own(panel, server, uma):
    panel.grow_stale()
    asked = panel.remove(uma.membership)
    assert asked.url.startswith("/confirm-you/")
    assert Membership.objects.of(server).exists()
    back = panel.post(asked.url, {"code": fresh_code(panel.account)}, follow=True)
    assert panel.press(back, "Continue").url == f"{panel.root}members/"
    assert actions_of(server) == [Action.MEMBER_REMOVED]
