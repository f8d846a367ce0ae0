"""The pages on which content is withheld, and released again."""

from datetime import timedelta
from uuid import uuid4

import pytest

from audit.vocabulary import Action
from content import actions
from content.models import Withholding
from content.partitions import utc_today
from content.scope import EVERYTHING, Scope
from tests.browser import Browser
from tests.factories import WithholdingFactory
from tests.objects import available, member_of, store
from tests.support import actions_of

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R20")]


class Panel(Browser):
    """Ada at the pages of her server."""

    def __init__(self, server, authority):
        super().__init__()
        self.sign_in(authority.warrant.account)
        self.root = f"/servers/{server.pk}/content/"

    def see(self, path="", **query):
        answer = self.get(self.root + path, query)
        assert answer.status_code == 200, answer.status_code
        return answer

    def review(self, **query):
        return self.see("withhold/review/", **query)


@pytest.fixture
def panel(server, ada):
    return Panel(server, ada)


def problems(answer):
    return set(answer.context["form"].errors)


class TestChoosing:
    """Step 1: what to withhold. A form that changes nothing."""

    def test_a_link_can_fill_it_in(self, panel, uma):
        answer = panel.see("withhold/", reaches="member", member=str(uma.membership.pk))
        assert answer.context["form"]["member"].value() == str(uma.membership.pk)

    @pytest.mark.parametrize(
        ("query", "wrong"),
        [
            ({}, "reaches"),
            ({"reaches": "object", "object_id": "a"}, "reaches"),
            ({"reaches": "member"}, "member"),
            ({"reaches": "member", "member": str(uuid4())}, "member"),
            ({"reaches": "kind"}, "kind"),
            ({"reaches": "kind", "kind": "text"}, "kind"),
        ],
    )
    def test_what_is_missing_is_said_at_its_field(self, panel, query, wrong):
        answer = panel.review(**query)
        assert wrong in problems(answer)
        assert answer.templates[0].name == "content/withhold.html"

    def test_members_of_other_servers_cannot_be_chosen(self, panel, mallory):
        theirs = member_of(mallory.warrant.server).membership
        assert "member" in problems(panel.review(reaches="member", member=str(theirs.pk)))


class TestReview:
    """Step 2: how much it is, until when, and why."""

    def test_it_counts_and_changes_nothing(self, server, panel, uma):
        store(uma), store(uma), store(uma, kind="media")
        answer = panel.review(reaches="member", member=str(uma.membership.pk), kind="message")
        page = answer.content.decode()
        assert "messages from Uma" in page
        assert "Withhold 2 objects" in page
        assert len(available(uma)) == 3
        assert actions_of(server) == []

    def test_pressing_the_button_withholds(self, server, panel, uma):
        store(uma)
        day = utc_today() + timedelta(days=3)
        review = panel.review(reaches="everything")
        answer = panel.press(review, "Withhold ", until=day.isoformat(), reason=" Under  review ")
        assert answer.headers["Location"] == panel.root
        withholding = Withholding.objects.get(server_id=server.pk)
        assert (withholding.scope, withholding.reason) == (EVERYTHING, "Under review")
        assert (withholding.ends_at.date(), withholding.ends_at.hour) == (day, 0)
        assert available(uma) == set()
        assert "W-1 is in force." in panel.see().content.decode()

    @pytest.mark.parametrize("until", ["yesterday", "2026-13-01", "2020-01-01", "2999-01-01"])
    def test_the_end_is_a_day_to_come(self, panel, until):
        answer = panel.press(panel.review(reaches="everything"), "Withhold ", until=until)
        assert problems(answer) == {"until"}
        assert not Withholding.objects.exists()

    def test_today_is_not_ahead(self, panel):
        today = utc_today().isoformat()
        answer = panel.press(panel.review(reaches="everything"), "Withhold ", until=today)
        assert problems(answer) == {"until"}

    def test_a_reason_shows_what_it_holds(self, panel):
        answer = panel.press(panel.review(reaches="everything"), "Withhold ", reason="a\u202eb")
        assert problems(answer) == {"reason"}

    def test_it_asks_for_a_fresh_factor_and_keeps_what_was_typed(self, server, panel):
        review = panel.review(reaches="everything")
        panel.grow_stale()
        answer = panel.press(review, "Withhold ", reason="Under review")
        assert answer.headers["Location"].startswith("/confirm-you/")
        assert not Withholding.objects.exists()

    def test_the_same_again_is_said_and_done_once(self, server, panel):
        WithholdingFactory(server=server)
        panel.press(panel.review(reaches="everything"), "Withhold ")
        assert "This is withheld already." in panel.see().content.decode()
        assert actions_of(server) == []


class TestReleasing:
    """What is withheld stands on the content page, with a button that ends it."""

    def test_it_shows_what_is_withheld_and_nothing_that_has_ended(self, server, panel, uma, ada):
        WithholdingFactory(server=server, kind="media", reason="Under review")
        WithholdingFactory(server=server, author=uma.handle)
        WithholdingFactory(server=server, ends_at=uma.membership.since - timedelta(days=1))
        actions.release(WithholdingFactory(server=server, kind="message"), by=ada)
        shown = panel.see().context["withheld"]
        assert [scope for _, scope in shown] == ["everything from Uma", "all media"]
        assert "Under review" in panel.see().content.decode()

    def test_the_button_releases(self, server, panel, uma):
        stored = store(uma)
        WithholdingFactory(server=server)
        panel.press(panel.see(), "Release")
        assert available(uma) == {stored.id}
        page = panel.see().content.decode()
        assert "W-1 is released." in page
        assert "Withheld now" not in page

    def test_the_second_to_press_it_is_told(self, server, panel, ada):
        withholding = WithholdingFactory(server=server)
        seen = panel.see()
        actions.release(withholding, by=ada)
        panel.press(seen, "Release")
        assert "W-1 was released before." in panel.see().content.decode()
        assert actions_of(server) == [Action.CONTENT_RELEASED]

    def test_another_server_s_is_not_there(self, server, panel, mallory):
        theirs = WithholdingFactory(server=mallory.warrant.server, kind="media")
        assert panel.post(f"{panel.root}withheld/{theirs.pk}/release/").status_code == 404
        assert Withholding.objects.get(pk=theirs.pk).released_at is None

    def test_the_deletion_review_offers_it_instead(self, panel):
        review = panel.see("delete/review/", reaches="everything")
        assert f'href="{panel.root}withhold/"' in review.content.decode()


def test_a_withheld_member_is_named_by_handle_once_they_are_gone(server, panel, uma, ada):
    WithholdingFactory(server=server, author=uma.handle)
    actions.remove_member(uma.membership, by=ada)
    assert Withholding.objects.get().scope == Scope(author=uma.handle)
    ((_, scope),) = panel.see().context["withheld"]
    assert scope.startswith("everything from a former user")
