"""Deleting what is older: of everyone, of one user, of one kind."""

from datetime import timedelta

import pytest

from content import tasks
from content.intake import AlreadyDeleted
from content.models import DeletionOrder, EncryptedObject, Gate, Receipt
from content.scope import EVERYTHING, Scope
from enigm_command.lib import clock
from tests.factories import DeletionOrderFactory
from tests.objects import available, in_storage, member_of, store
from tests.support import events_of
from tests.test_content_pages import Panel

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R18", "R19")]
DAY = timedelta(days=1)


@pytest.fixture
def panel(server, ada):
    return Panel(server, ada)


def days_ago(days):
    return clock.now() - timedelta(days=days)


def test_the_review_reaches_no_further_than_the_chosen_age(panel, uma):
    store(uma, authored_at=days_ago(8)), store(uma, authored_at=days_ago(6))
    shown = panel.review(reaches="older", older_than="7")
    review = shown.context["review"]
    assert (review.count, review.cutoff_at) == (1, review.scope.older_than)
    assert abs(days_ago(7) - review.cutoff_at) < timedelta(minutes=1)
    page = shown.content.decode()
    assert "everything on this server, older than" in page
    assert "stored up to" not in page


def test_confirmed_it_takes_what_is_older_and_nothing_else(server, panel, uma):
    old, young = store(uma, authored_at=days_ago(8)), store(uma, authored_at=days_ago(6))
    shown = panel.review(reaches="older", older_than="7")
    answer = panel.confirm(shown, name=server.name)
    assert answer.status_code == 303
    assert available(uma) == {young.id}
    order = DeletionOrder.objects.get(server_id=server.pk)
    assert order.cutoff_at == shown.context["review"].cutoff_at
    assert order.scope == shown.context["review"].scope
    assert events_of(server)[0].data["scope"] == "older"
    tasks.purge(str(order.pk))
    assert not EncryptedObject.objects.filter(pk=old.pk).exists()
    assert in_storage(server) == 1
    assert Receipt.objects.get(pk=order.pk).said["scope"] == {"reaches": "older"}


@pytest.mark.parametrize("reach", ["member", "kind", "older"])
def test_it_narrows_a_user_a_kind_and_both(server, panel, uma, reach):
    member_of(server, "max")
    age, kind = {"older_than": "14"}, {"kind": "media"}
    query, scope = {
        "member": ({"member": str(uma.membership.pk), **kind}, {"author": uma.handle, **kind}),
        "kind": (kind, kind),
        "older": (kind, kind),
    }[reach]
    chosen = panel.review(reaches=reach, **query, **age).context["review"].scope
    assert chosen == Scope(**scope, older_than=chosen.older_than)
    assert abs(days_ago(14) - chosen.older_than) < timedelta(minutes=1)


def test_however_old_everything_of_a_server_asks_for_its_name(panel, uma):
    store(uma, authored_at=days_ago(8))
    assert panel.review(reaches="older", older_than="7").context["review"].needs_name


def test_an_older_cutoff_takes_no_younger_one_back(server, uma):
    DeletionOrderFactory(server=server)
    before = Gate.objects.get(pk=server.pk).floor
    DeletionOrderFactory(server=server, older_than=days_ago(7))
    assert Gate.objects.get(pk=server.pk).floor == before


def test_what_was_written_before_it_is_not_taken_in_afterwards(server, uma):
    order = DeletionOrderFactory(server=server, author=uma.handle, older_than=days_ago(7))
    with pytest.raises(AlreadyDeleted) as refused:
        store(uma, authored_at=days_ago(8))
    assert refused.value.more == {"order": order.number}
    assert store(uma, authored_at=days_ago(6))


def test_an_age_to_come_reaches_no_further_than_now(server, uma):
    order = DeletionOrderFactory(server=server, older_than=clock.now() + DAY)
    assert order.cutoff_at <= order.placed_at


def test_a_scope_names_its_age_in_code_and_is_everything_all_the_same():
    at = clock.now()
    assert Scope(older_than=at).code == "older"
    assert Scope(kind="media", older_than=at).code == "kind_older"
    assert Scope(older_than=at).is_everything
    assert EVERYTHING.is_everything
    assert not Scope(kind="media").is_everything
