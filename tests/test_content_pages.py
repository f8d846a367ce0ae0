"""The pages on which content is looked at in numbers, and deleted."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import signing

from accounts.models import Confirmation
from audit.vocabulary import Action
from content import review, tasks
from content.models import DeletionOrder, EncryptedObject, ObjectCount, Receipt
from content.partitions import utc_today
from content.scope import EVERYTHING, Scope
from enigm_command.lib import clock
from tests.browser import Browser
from tests.codes import fresh_code
from tests.factories import DeletionOrderFactory
from tests.objects import available, member_of, store
from tests.support import actions_of, events_of, excused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R18")]


class Panel(Browser):
    """Ada at the pages of her server."""

    def __init__(self, server, authority):
        super().__init__()
        self.account = authority.warrant.account
        self.sign_in(self.account)
        self.root = f"/servers/{server.pk}/"

    def see(self, path, **query):
        answer = self.get(self.root + path, query)
        assert answer.status_code == 200, answer.status_code
        return answer

    def review(self, **query):
        return self.see("content/delete/review/", **query)

    def confirm(self, shown, **typed):
        return self.press(shown, "Delete ", **{"code": fresh_code(self.account), **typed})


@pytest.fixture
def panel(server, ada):
    return Panel(server, ada)


def problems(answer):
    return {name: list(said) for name, said in answer.context["form"].errors.items()}


@pytest.mark.requirement("R1")
class TestContent:
    """Numbers, and nothing that was sent."""

    def test_an_empty_server_says_so(self, panel):
        assert "Nothing is stored" in panel.see("content/").content.decode()

    def test_what_is_stored_is_counted_by_kind_and_by_when_it_goes(self, server, panel):
        held = [("message", 0, 40), ("message", 5, 60), ("media", 29, 7)]
        for kind, days, objects in held:
            ObjectCount.objects.create(
                server_id=server.pk,
                kind=kind,
                expires_on=utc_today() + timedelta(days=days),
                objects_held=objects,
                bytes_held=objects * 1000,
                oldest_at=clock.now(),
            )
        answer = panel.see("content/")
        kinds = [(kind.label, kind.objects, kind.bytes) for kind in answer.context["kinds"]]
        assert kinds == [("Media", 7, 7_000), ("Messages", 100, 100_000)]
        assert [objects for _, objects in answer.context["spans"]] == [40, 100, 107]
        assert "107 kB" in answer.content.decode()


class TestChoosing:
    """Step 1: what to delete. A form that changes nothing."""

    def test_it_is_on_one_page_and_a_link_can_fill_it_in(self, panel, uma):
        answer = panel.see("content/delete/", reaches="member", member=str(uma.membership.pk))
        assert "Uma" in answer.content.decode()
        assert answer.context["form"]["member"].value() == str(uma.membership.pk)

    @pytest.mark.parametrize(
        ("query", "wrong"),
        [
            ({}, "reaches"),
            ({"reaches": "some"}, "reaches"),
            ({"reaches": "object"}, "object_id"),
            ({"reaches": "object", "object_id": "not an id"}, "object_id"),
            ({"reaches": "object", "object_id": "bhzuf62rofg72szwswmj7v7o6v6tw"}, "object_id"),
            ({"reaches": "member"}, "member"),
            ({"reaches": "member", "member": str(uuid4())}, "member"),
            ({"reaches": "kind"}, "kind"),
            ({"reaches": "kind", "kind": "text"}, "kind"),
            ({"reaches": "older"}, "older_than"),
            ({"reaches": "older", "older_than": "3"}, "older_than"),
            ({"reaches": "everything", "kind": "media"}, "kind"),
            ({"reaches": "everything", "older_than": "7"}, "older_than"),
        ],
    )
    def test_what_is_missing_is_said_at_its_field(self, panel, query, wrong):
        answer = panel.review(**query)
        assert wrong in problems(answer)
        assert answer.templates[0].name == "content/delete.html"
        assert "<title>Error: Delete content" in answer.content.decode()

    def test_members_of_other_servers_cannot_be_chosen(self, panel, mallory):
        theirs = member_of(mallory.warrant.server).membership
        assert "member" in problems(panel.review(reaches="member", member=str(theirs.pk)))

    def test_an_object_of_another_server_is_not_there(self, panel, mallory):
        theirs = store(member_of(mallory.warrant.server))
        answer = panel.review(reaches="object", object_id=theirs.public_id)
        assert "object_id" in problems(answer)

    def test_every_reach_is_reviewed_as_what_it_is(self, panel, uma):
        stored = store(uma)
        member = {"reaches": "member", "member": str(uma.membership.pk)}
        typed = " ".join([stored.public_id[:14], stored.public_id[14:]]).upper()
        for query, scope in [
            ({"reaches": "everything"}, EVERYTHING),
            ({"reaches": "kind", "kind": "media"}, Scope(kind="media")),
            (member, Scope(author=uma.handle)),
            (member | {"kind": "message"}, Scope(author=uma.handle, kind="message")),
            (
                {"reaches": "object", "object_id": typed},
                Scope(object_id=stored.id, expires_on=stored.expires_on),
            ),
        ]:
            assert panel.review(**query).context["review"].scope == scope


class TestReview:
    """Step 2: what would go, before it goes."""

    def test_it_shows_the_count_by_kind_and_changes_nothing(self, server, panel, uma):
        for kind in ("message", "message", "media"):
            store(uma, kind=kind)
        answer = panel.review(reaches="member", member=str(uma.membership.pk))
        page = answer.content.decode()
        assert "everything from Uma" in page
        assert "Delete 3 objects" in page
        assert [(k.kind, k.objects) for k in answer.context["kinds"]] == [
            ("media", 1),
            ("message", 2),
        ]
        assert len(available(uma)) == 3
        assert actions_of(server) == []

    @pytest.mark.requirement("R21")
    def test_it_says_what_deletion_cannot_do(self, panel, uma):
        store(uma)
        page = panel.review(reaches="everything").content.decode()
        for words in ("What deletion cannot do", "cannot be undone", "screenshot", "export"):
            assert words in page

    def test_nothing_to_delete_is_said_and_cannot_be_confirmed(self, panel, uma):
        page = panel.review(reaches="kind", kind="media").content.decode()
        assert "Nothing that this reaches is stored" in page
        assert "<form" not in page.split("<main")[1].split("</main>")[0]

    def test_confirmed_it_is_ordered_as_it_was_shown(self, server, panel, uma):
        store(uma)
        shown = panel.review(reaches="member", member=str(uma.membership.pk))
        later = store(uma, authored_at=clock.now())
        answer = panel.confirm(shown, reason="Device reported stolen")
        order = DeletionOrder.objects.get(server_id=server.pk)
        assert (answer.status_code, answer.url) == (303, f"{panel.root}orders/{order.pk}/")
        assert (order.cutoff_at, order.previewed) == (shown.context["review"].cutoff_at, 1)
        assert available(uma) == {later.id}
        (entry,) = events_of(server)
        assert entry.action == Action.DELETION_ORDERED
        assert entry.private == {"actor": "ada", "reason": "Device reported stolen"}

    def test_sent_twice_it_is_one_order(self, server, panel, uma):
        store(uma)
        shown = panel.review(reaches="kind", kind="message")
        first, again = (panel.confirm(shown) for _ in range(2))
        assert first.url == again.url
        assert actions_of(server) == [Action.DELETION_ORDERED]

    @pytest.mark.requirement("R5")
    @pytest.mark.parametrize("code", ["", "12345", "000000"])
    def test_without_a_code_of_the_app_nothing_is_deleted(self, server, panel, uma, code):
        store(uma)
        shown = panel.review(reaches="kind", kind="message")
        answer = panel.confirm(shown, code=code, reason="kept")
        assert list(problems(answer)) == ["code"]
        assert 'value="kept"' in answer.content.decode()
        assert len(available(uma)) == 1
        tried = code.isdigit() and len(code) == 6
        assert actions_of(server) == ["deletion.ordered refused"] * tried

    @pytest.mark.requirement("R5")
    def test_a_code_counts_once(self, server, panel, uma):
        store(uma), store(uma, kind="media")
        shown = [panel.review(reaches="kind", kind=kind) for kind in ("message", "media")]
        code = fresh_code(panel.account)
        assert panel.confirm(shown[0], code=code).status_code == 303
        answer = panel.press(shown[1], "Delete ", code=code)
        assert list(problems(answer)) == ["code"]
        assert len(available(uma)) == 1

    def test_for_everything_the_servers_name_is_typed(self, server, panel, uma):
        store(uma)
        shown = panel.review(reaches="everything")
        for typed in ("", "atelier north"):
            assert list(problems(panel.confirm(shown, name=typed))) == ["name"]
        assert panel.confirm(shown, name="Atelier North").status_code == 303
        assert available(uma) == set()

    def test_for_more_than_a_hundred_too(self, server, panel, uma, monkeypatch):
        store(uma), store(uma)
        assert "name" not in panel.review(reaches="kind", kind="message").context["form"].fields
        monkeypatch.setattr(review, "MANY", 1)
        assert "name" in panel.review(reaches="kind", kind="message").context["form"].fields

    def test_a_count_that_grew_is_shown_again_first(self, server, panel, uma):
        store(uma)
        shown = panel.review(reaches="kind", kind="message")
        store(uma, authored_at=clock.now() - timedelta(minutes=1))
        answer = panel.confirm(shown, reason="kept")
        page = answer.content.decode()
        assert "It changed from 1 to 2 objects" in page
        assert "Delete 2 objects" in page
        assert 'value="kept"' in page
        assert len(available(uma)) == 2
        assert panel.confirm(answer).status_code == 303
        assert available(uma) == set()

    def test_after_five_minutes_it_is_shown_again(self, server, panel, uma):
        store(uma)
        shown = panel.review(reaches="kind", kind="message")
        Confirmation.objects.update(offered_at=clock.now() - timedelta(minutes=5))
        answer = panel.confirm(shown)
        assert "Five minutes have passed" in answer.content.decode()
        assert len(available(uma)) == 1
        assert panel.confirm(answer).status_code == 303

    def test_a_review_of_somebody_else_or_of_nobody_is_worth_nothing(
        self, server, panel, oren, mallory, uma
    ):
        store(uma)
        theirs = [
            Panel(server, oren).review(reaches="kind", kind="message").context["review"].sealed(),
            signing.dumps({"confirmation": str(uuid4())}, salt="other"),
            signing.dumps({"confirmation": str(uuid4())}, salt=review.SALT),
            "",
            "nonsense",
        ]
        for sealed in theirs:
            answer = panel.post(f"{panel.root}content/delete/review/", {"review": sealed})
            assert (answer.status_code, answer.url) == (302, f"{panel.root}content/delete/")
        assert len(available(uma)) == 1

    def test_a_reason_that_hides_something_is_refused(self, panel, uma):
        store(uma)
        answer = panel.confirm(panel.review(reaches="everything"), reason="\u202eolleh")
        assert "reason" in problems(answer)


class TestOrders:
    """What was ordered, how far it is, and how it ended."""

    def test_an_order_shows_its_progress_and_then_its_receipt(self, server, panel, uma):
        store(uma), store(uma)
        url = panel.confirm(panel.review(reaches="everything"), name="Atelier North").url
        path = url.removeprefix(panel.root)
        running = panel.see(path).content.decode()
        assert "Deleting 2 objects" in running
        assert '<noscript><meta http-equiv="refresh" content="5; url=?done=0&amp;at=' in running
        assert self.progress(panel, path) == (0, 2, False)
        tasks.purge(path.split("/")[1])
        assert self.progress(panel, path) == (2, 2, True)
        receipt = panel.see(path).content.decode()
        for words in ("Deleted: 2 objects", "none", "Everything on this server", "ada"):
            assert words in receipt
        assert Receipt.objects.get().digest in receipt

    def progress(self, panel, path):
        said = panel.see(f"{path}progress/").json()
        assert said["text"] == f"{said['done']} of {said['total']} objects erased"
        return said["done"], said["total"], said["finished"]

    def test_the_receipt_is_downloaded_byte_for_byte(self, server, panel, uma):
        store(uma)
        order = DeletionOrderFactory(server=server)
        url = f"orders/{order.pk}/receipt.json"
        assert panel.get(panel.root + url).status_code == 404
        tasks.purge(str(order.pk))
        answer = panel.see(url)
        written = Receipt.objects.get(order_id=order.pk)
        assert answer.content.decode() == written.document
        assert json.loads(answer.content)["order"] == str(order.pk)
        assert answer.headers["Content-Disposition"] == 'attachment; filename="receipt-D-1.json"'

    def test_orders_are_listed_newest_first_and_in_words(self, server, panel, uma):
        assert "Nothing was ever deleted by order" in panel.see("orders/").content.decode()
        stored = store(uma)
        for scope in (
            {},
            {"kind": "media"},
            {"author": uma.handle, "kind": "message"},
            {"author": uuid4()},
            {"object_id": stored.id, "expires_on": stored.expires_on},
        ):
            DeletionOrderFactory(server=server, **scope)
        rows = panel.see("orders/").context["rows"]
        assert [order.number for order, _, _ in rows] == [5, 4, 3, 2, 1]
        words = [scope for _, scope, _ in rows]
        assert words[1].startswith("everything from a former user, handle ")
        del words[1]
        assert words == [
            "one object",
            "messages from Uma",
            "all media",
            "everything on this server",
        ]

    def test_the_list_goes_on_page_by_page(self, server, panel, monkeypatch):
        for _ in range(52):
            DeletionOrderFactory(server=server)
        first = panel.see("orders/")
        assert len(first.context["rows"]) == 50
        assert "Older" in first.content.decode()
        second = panel.see("orders/", before=first.context["older"])
        assert [order.number for order, _, _ in second.context["rows"]] == [2, 1]
        assert panel.see("orders/", before="nonsense").context["rows"][0][0].number == 52

    def test_orders_of_other_servers_are_not_there(self, panel, mallory):
        order = DeletionOrderFactory(server=mallory.warrant.server)
        for path in ("", "progress/", "receipt.json"):
            assert panel.get(f"{panel.root}orders/{order.pk}/{path}").status_code == 404

    def test_the_receipt_is_there_when_its_server_is_not(self, server, panel, uma):
        store(uma)
        order = DeletionOrderFactory(server=server)
        tasks.purge(str(order.pk))
        with excused():
            type(server).objects.filter(pk=server.pk).update(standing="deleted", name=None)
        assert "Deleted: 1 object" in panel.see(f"orders/{order.pk}/").content.decode()
        assert panel.see(f"orders/{order.pk}/receipt.json")


@pytest.mark.requirement("R1")
def test_no_page_returns_ciphertext(server, panel, uma):
    stored = store(uma)
    order = DeletionOrderFactory(server=server)
    pages = ["content/", "content/delete/", "orders/", f"orders/{order.pk}/", "members/"]
    shown = [panel.see(path).content for path in pages]
    shown.append(panel.review(reaches="everything").content)
    body = bytes(EncryptedObject.objects.get(pk=stored.pk).body)
    assert not [page for page in shown if body[:40] in page or body[-40:] in page]
