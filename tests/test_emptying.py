"""Deleting everything, where the policy asks for two administrators."""

from uuid import uuid4

import pytest

from accounts.models import Proposal
from accounts.proposals import NotOpen
from audit.authority import OutsideAuthority
from audit.vocabulary import Action
from content import actions, agreements
from content.agreements import AlreadyProposed, NeedsSecond
from content.models import DeletionOrder
from content.scope import EVERYTHING, Scope
from tests.browser import Browser
from tests.codes import fresh_code
from tests.factories import PolicyVersionFactory
from tests.objects import available, store
from tests.support import actions_of, events_of

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R18")]


@pytest.fixture
def strict(server):
    """The server, with a policy that asks for two."""
    PolicyVersionFactory(server=server, emptying_needs_two=True)
    return server


def delete(server, by, scope=EVERYTHING):
    return actions.order_deletion(server, scope, order_id=uuid4(), by=by)


class Panel(Browser):
    """An administrator at the pages of their server."""

    def __init__(self, server, authority):
        super().__init__()
        self.account = authority.warrant.account
        self.sign_in(self.account)
        self.root = f"/servers/{server.pk}/content/"

    def review(self):
        return self.get(f"{self.root}delete/review/", {"reaches": "everything"})

    def confirm(self, button):
        typed = {"code": fresh_code(self.account), "name": self.shown.context["server"].name}
        return self.press(self.shown, button, **typed)


def test_one_alone_deletes_everything_unless_the_policy_says_otherwise(server, uma, ada):
    store(uma)
    delete(server, ada)
    assert available(uma) == set()


def test_alone_it_is_refused_and_nothing_is_dark(strict, uma, ada):
    kept = store(uma)
    with pytest.raises(NeedsSecond):
        delete(strict, ada)
    assert available(uma) == {kept.id}
    assert not DeletionOrder.objects.of(strict.pk).exists()


@pytest.mark.parametrize("scope", [Scope(kind="media"), Scope(author=uuid4())])
def test_less_than_everything_still_takes_one(strict, ada, scope):
    assert delete(strict, ada, scope)


def test_the_end_of_the_server_takes_what_its_own_policy_says(strict, uma, schedule):
    store(uma)
    delete(strict, schedule)
    assert available(uma) == set()


def test_the_second_one_agrees_by_ordering_it(strict, uma, ada, oren):
    store(uma)
    actions.propose_emptying(strict, reason="The project is over.", by=ada)
    assert available(uma)
    delete(strict, oren)
    assert available(uma) == set()
    assert actions_of(strict) == [Action.EMPTYING_PROPOSED, Action.DELETION_ORDERED]
    assert events_of(strict)[0].private["reason"] == "The project is over."
    assert Proposal.objects.get().answered_by == oren.warrant.account


def test_nobody_agrees_with_themselves(strict, uma, ada):
    store(uma)
    actions.propose_emptying(strict, by=ada)
    with pytest.raises(NotOpen):
        delete(strict, ada)
    assert available(uma)


def test_an_agreement_serves_once(strict, uma, ada, oren):
    actions.propose_emptying(strict, by=ada)
    delete(strict, oren)
    with pytest.raises(NeedsSecond):
        delete(strict, oren)


def test_there_is_one_proposal_at_a_time(strict, ada, oren):
    actions.propose_emptying(strict, by=ada)
    with pytest.raises(AlreadyProposed):
        actions.propose_emptying(strict, by=oren)
    assert actions_of(strict) == [Action.EMPTYING_PROPOSED]


def test_mallory_answers_nothing_here(strict, ada, mallory):
    proposal = actions.propose_emptying(strict, by=ada)
    for answer in (actions.decline_emptying, actions.withdraw_emptying):
        with pytest.raises(OutsideAuthority):
            answer(strict, proposal, by=mallory)
    assert agreements.waiting(strict) == proposal
    assert actions_of(strict) == [Action.EMPTYING_PROPOSED]


def test_by_the_pages_one_asks_and_the_other_confirms(strict, uma, ada, oren):
    store(uma)
    first, second = Panel(strict, ada), Panel(strict, oren)
    first.shown = first.review()
    first.confirm("Ask to delete 1 object")
    assert available(uma)
    assert "Waiting for a second administrator" in first.review().content.decode()

    assert b"proposed it" in second.get(second.root).content
    second.shown = second.review()
    assert second.confirm("Agree, and delete 1 object").status_code == 303
    assert available(uma) == set()
    assert b"Proposed: delete all content" not in second.get(second.root).content


def test_by_the_pages_it_is_taken_back_or_declined(strict, ada, oren):
    first, second = Panel(strict, ada), Panel(strict, oren)
    actions.propose_emptying(strict, by=ada)
    second.press(second.get(second.root), "Decline")
    actions.propose_emptying(strict, by=ada)
    first.press(first.get(first.root), "Take it back")
    assert agreements.waiting(strict) is None
    assert actions_of(strict)[1::2] == [Action.EMPTYING_DECLINED, Action.EMPTYING_WITHDRAWN]


def test_the_overview_says_what_waits(strict, ada):
    actions.propose_emptying(strict, by=ada)
    overview = Panel(strict, ada).get(f"/servers/{strict.pk}/").content.decode()
    assert "Somebody asks to delete all content" in overview
