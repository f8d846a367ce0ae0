"""Who was admitted, and the end of a membership: by one, or by several at once."""

from datetime import timedelta
from uuid import UUID

import pytest

from audit.vocabulary import Action
from content.actions import remove_member
from content.models import DeletionOrder, Withholding
from content.removal import Removal, Sent
from content.scope import Scope
from enigm_command.lib import clock
from membership.models import Block, Membership
from tests.browser import Browser
from tests.codes import fresh_code
from tests.factories import FormerMemberFactory, MembershipFactory, ServerFactory
from tests.objects import available, member_of, store
from tests.search import says
from tests.support import actions_of, asked_of_database, excused

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

    def find(self, words):
        """The names that are left when the list is searched."""
        found = self.post(f"{self.root}members/", {"name": words}, follow=True)
        return [row.shown_name for row in found.context["page"].rows]

    def review(self, *people):
        if len(people) == 1:
            return self.get(f"{self.root}members/{people[0].pk}/removal/")
        picks = {"pick": [person.pk for person in people]}
        return self.post(f"{self.root}members/removal/", picks)

    def remove(self, *people, **chosen):
        kept = {"asking": "at_once", "sent": "keep", "code": fresh_code(self.account)}
        return self.press(self.review(*people), "Remove", **{**kept, **chosen})


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


def test_a_list_of_200_is_offered_when_there_are_more_than_50(panel, server):
    MembershipFactory.create_batch(52, server=server)
    assert "Show 200 on a page" in panel.list().content.decode()
    assert len(panel.list(rows="200").context["page"].rows) == 52


def test_a_name_is_found_by_whole_words_in_any_case_and_order(panel, server):
    MembershipFactory(server=server, display_name="Ana María Duarte")
    MembershipFactory(server=server, display_name="Ana Hoff")
    assert panel.find("duarte ANA") == ["Ana María Duarte"]
    assert panel.find("ana") == ["Ana María Duarte", "Ana Hoff"]
    assert panel.find("Duart") == []


@pytest.mark.requirement("R15")
def test_what_is_looked_for_never_stands_in_an_address(panel, server, three):
    answer = panel.post(f"{panel.root}members/", {"name": "Uma"})
    assert not says("uma", answer.url)
    assert [row.shown_name for row in panel.get(answer.url).context["page"].rows] == ["Uma"]


def test_words_lead_to_nobody_on_another_server(panel, server, three):
    found = panel.post(f"{panel.root}members/", {"name": "Uma"}).url.partition("?")[2]
    elsewhere = MembershipFactory(server=ServerFactory(), display_name="Uma")
    assert not Membership.objects.of(elsewhere.server).marked(
        UUID(mark) for mark in found.removeprefix("words=").split(".")
    )


@pytest.mark.parametrize("words", ["", "  ", "!!", "\0"])
def test_what_is_no_word_leaves_the_list_as_it_is(panel, three, words):
    assert panel.find(words) == ["Uma", "Max", "Lena"]


@pytest.mark.parametrize("words", ["nonsense", "1.2", "." * 99])
def test_what_is_no_mark_leaves_the_list_as_it_is(panel, three, words):
    assert len(panel.list(words=words).context["page"].rows) == 3


def test_the_page_of_one_member_says_since_when_and_leads_to_what_can_be_done(panel, uma, server):
    withhold_all_of(uma)
    page = panel.get(f"{panel.root}members/{uma.membership.pk}/").content.decode()
    assert all(words in page for words in ("Admitted", "Content withheld", "User since"))
    for way in ("content/delete/?", "content/withhold/?", f"{uma.membership.pk}/removal/"):
        assert way in page


def test_the_review_shows_whom_and_how_much_they_sent_and_changes_nothing(panel, server, uma):
    store(uma), store(uma)
    answer = panel.review(uma.membership)
    assert [(one.shown_name, one.sent) for one in answer.context["people"]] == [("Uma", 2)]
    assert "What removal cannot do" in answer.content.decode()
    assert Membership.objects.of(server).exists()


def test_nothing_but_the_end_of_access_is_chosen_beforehand(panel, server, uma):
    page = panel.review(uma.membership).content.decode()
    assert "checked" not in page.split("<main")[1]
    answer = panel.press(panel.review(uma.membership), "Remove", code=fresh_code(panel.account))
    assert set(answer.context["form"].errors) == {"asking", "sent"}
    assert Membership.objects.of(server).exists()


def test_removed_with_what_they_sent_it_leads_to_the_order(panel, server, uma):
    store(uma)
    answer = panel.remove(uma.membership, sent="delete")
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
    assert not Block.objects.of(server).exists()


def test_removed_for_good_with_what_they_sent_withheld(panel, server, uma):
    store(uma)
    onlooker = member_of(server, "max")
    panel.remove(uma.membership, asking="never", sent="withhold", reason="Shared outside")
    block = Block.objects.of(server).holding(uma.handle).get()
    assert (block.until, block.reason) == (None, "Shared outside")
    assert available(onlooker) == set()


def test_removed_until_a_day_it_ends_as_that_day_begins(panel, server, uma):
    day = clock.now().date() + timedelta(days=20)
    panel.remove(uma.membership, asking="later", until=day.isoformat())
    until = Block.objects.of(server).get().until
    assert (until.date(), until.hour, until.minute) == (day, 0, 0)


@pytest.mark.parametrize("until", ["", "yesterday", "2020-01-01", "9999-12-31"])
def test_a_date_must_be_one_to_come(panel, server, uma, until):
    answer = panel.remove(uma.membership, asking="later", until=until)
    assert list(answer.context["form"].errors) == ["until"]
    assert Membership.objects.of(server).exists()


def test_several_are_removed_by_an_act_each(panel, server, three):
    shown = panel.review(*three[:2])
    assert "Remove 2 users" in shown.content.decode()
    answer = panel.remove(*three[:2], sent="delete")
    assert answer.url == f"{panel.root}orders/"
    assert [member.display_name for member in Membership.objects.of(server)] == ["Lena"]
    assert actions_of(server) == [Action.MEMBER_REMOVED] * 2
    assert DeletionOrder.objects.of(server.pk).count() == 2


@pytest.mark.django_db(transaction=True)
def test_200_are_reviewed_by_as_many_queries_as_two_and_removed_at_once(panel, server):
    many = MembershipFactory.create_batch(201, server=server)
    counts = []
    for people in (many[:2], many):
        with asked_of_database() as asked:
            shown = panel.review(*people)
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert len(shown.context["people"]) == 200
    panel.press(shown, "Remove", asking="at_once", sent="keep", code=fresh_code(panel.account))
    assert Membership.objects.of(server).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_remove_the_same_people_at_once_remove_each_once(
    panel, server, oren, three, elsewhere
):
    answers = [
        elsewhere(lambda: panel.remove(*three)),
        elsewhere(lambda: Panel(server, oren).remove(*three, sent="delete")),
    ]
    assert [answer.result(20).status_code for answer in answers] == [302, 302]
    assert not Membership.objects.of(server).exists()
    assert actions_of(server) == [Action.MEMBER_REMOVED] * 3


@pytest.mark.parametrize("picks", [[], [""], ["nobody"], [str(UUID(int=1))]])
def test_nobody_picked_is_said(panel, server, picks):
    answer = panel.post(f"{panel.root}members/removal/", {"pick": picks})
    assert answer.url == f"{panel.root}members/"
    assert "Select at least one user first" in panel.list().content.decode()


def test_members_of_other_servers_are_not_there(panel, mallory):
    theirs = member_of(mallory.warrant.server).membership
    assert panel.review(theirs).status_code == 404
    assert panel.review(theirs, theirs).status_code == 302
    assert Membership.objects.filter(pk=theirs.pk).exists()


@pytest.mark.requirement("R5")
@pytest.mark.parametrize("code", ["", "000000"])
def test_without_a_code_of_the_app_nobody_is_removed(panel, server, uma, code):
    answer = panel.remove(uma.membership, code=code)
    assert list(answer.context["form"].errors) == ["code"]
    assert Membership.objects.of(server).exists()
    assert actions_of(server) == ["member.removed refused"] * bool(code)


def test_what_was_confirmed_for_some_removes_nobody_else(panel, server, three):
    held = panel.review(three[0]).context["form"].confirmation.pk
    chosen = {"asking": "at_once", "sent": "keep", "code": fresh_code(panel.account)}
    picks = [person.pk for person in three]
    answer = panel.post(
        f"{panel.root}members/removal/", {"pick": picks, "confirmation": held, **chosen}
    )
    assert "it has changed" in answer.content.decode()
    assert Membership.objects.of(server).count() == 3


# --- former users ---------------------------------------------------------------------------------
def test_a_former_user_stands_there_while_something_of_theirs_is_stored(panel, server, uma, ada):
    store(uma)
    FormerMemberFactory(server=server)  # of whom nothing is stored
    remove_member(uma.membership, by=ada)
    page = panel.get(f"{panel.root}members/former/")
    assert [former.handle for former in page.context["page"].rows] == [uma.handle]
    assert not says("Uma", page.content.decode().split("<main")[1])


def test_what_a_former_user_sent_can_be_deleted(panel, server, uma, ada):
    store(uma), store(uma)
    remove_member(uma.membership, by=ada)
    (former,) = panel.get(f"{panel.root}members/former/").context["page"].rows
    query = {"reaches": "member", "member": former.pk}
    review = panel.get(f"{panel.root}content/delete/review/", query)
    assert "a former user, handle" in review.content.decode()
    panel.press(review, "Delete 2 objects", code=fresh_code(panel.account))
    assert DeletionOrder.objects.get(server_id=server.pk).author == uma.handle


def test_a_former_user_can_be_blocked_later(panel, server, uma, ada):
    store(uma)
    remove_member(uma.membership, Removal(sent=Sent.KEEP), by=ada)
    (former,) = panel.get(f"{panel.root}members/former/").context["page"].rows
    shown = panel.get(f"{panel.root}members/former/{former.pk}/block/")
    panel.press(shown, "Block them", asking="never")
    assert Block.objects.of(server).holding(uma.handle).exists()
    assert "Blocked" in panel.get(f"{panel.root}members/former/").content.decode()


def withhold_all_of(access):
    with excused():
        Withholding.objects.place(access.server.pk, Scope(author=access.handle))
