"""What takes two people: nobody agrees with themselves, late, twice, or to something else."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from accounts import tasks
from accounts.models import Proposal
from accounts.proposals import NotOpen
from enigm_command.lib import clock
from tests.factories import AccountFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R30")]

HAND_OVER = ("ownership.handed_over", "server", "account")


@pytest.fixture
def ada():
    return AccountFactory(username="ada")


@pytest.fixture
def oren():
    return AccountFactory(username="oren")


@pytest.fixture
def proposal(oren):
    server_id = uuid4()
    return Proposal.objects.propose(
        *HAND_OVER, by=oren, server_id=server_id, lasts=timedelta(hours=1)
    )


def test_a_second_person_agrees_to_exactly_what_was_proposed(proposal, ada):
    assert list(Proposal.objects.open()) == [proposal]
    agreed = Proposal.objects.agree(proposal.pk, ada, *HAND_OVER)
    assert (agreed.answer, agreed.answered_by) == (Proposal.Answer.AGREED, ada)
    assert agreed.proposed_at < agreed.answered_at
    assert not Proposal.objects.open().exists()


@pytest.mark.parametrize(
    "what",
    [
        ("ownership.handed_over", "server", "another account"),
        ("ownership.handed_over", "another server", "account"),
        ("server.deleted", "server", "account"),
        ("ownership.handed_over", "serveraccount"),
    ],
)
def test_nobody_agrees_to_something_else(proposal, ada, what):
    with pytest.raises(NotOpen):
        Proposal.objects.agree(proposal.pk, ada, *what)
    assert Proposal.objects.open().exists()


def test_nobody_agrees_with_themselves(proposal, oren):
    for answer in (
        lambda: Proposal.objects.agree(proposal.pk, oren, *HAND_OVER),
        lambda: Proposal.objects.decline(proposal.pk, oren),
    ):
        with pytest.raises(NotOpen):
            answer()
    with pytest.raises(IntegrityError, match="proposal_takes_two_to_agree"), transaction.atomic():
        Proposal.objects.update(answer="agreed", answered_by=oren, answered_at=clock.now())


def test_only_who_proposed_it_withdraws_it(proposal, ada, oren):
    with pytest.raises(NotOpen):
        Proposal.objects.withdraw(proposal.pk, ada)
    assert Proposal.objects.withdraw(proposal.pk, oren).answer == Proposal.Answer.WITHDRAWN
    with pytest.raises(NotOpen):
        Proposal.objects.agree(proposal.pk, ada, *HAND_OVER)


def test_declined_it_is_not_agreed_to_any_more(proposal, ada):
    Proposal.objects.decline(proposal.pk, ada)
    with pytest.raises(NotOpen):
        Proposal.objects.agree(proposal.pk, ada, *HAND_OVER)
    assert Proposal.objects.get().answer == Proposal.Answer.DECLINED


def test_it_ends_by_itself(proposal, ada):
    Proposal.objects.update(ends_at=clock.now())
    assert not Proposal.objects.open().exists()
    with pytest.raises(NotOpen):
        Proposal.objects.agree(proposal.pk, ada, *HAND_OVER)


@pytest.mark.parametrize(
    "half", [{"answer": "agreed"}, {"answered_at": clock.now}, {"answer": "declined"}]
)
def test_an_answer_has_a_who_and_a_when_or_is_none(proposal, half):
    said = {name: value() if callable(value) else value for name, value in half.items()}
    with pytest.raises(IntegrityError, match="proposal_is_answered_whole"), transaction.atomic():
        Proposal.objects.update(**said)


@pytest.mark.django_db(transaction=True)
def test_of_many_who_answer_at_once_one_is_heard(proposal, elsewhere):
    others = AccountFactory.create_batch(8)

    def answer(account, number):
        try:
            if number % 2:
                return Proposal.objects.agree(proposal.pk, account, *HAND_OVER).answered_by
            return Proposal.objects.decline(proposal.pk, account).answered_by
        except NotOpen:
            return None

    told = [elsewhere(lambda a=a, n=n: answer(a, n)) for n, a in enumerate(others)]
    heard = [account for each in told if (account := each.result(20))]
    assert heard == [Proposal.objects.get().answered_by]


def test_it_is_forgotten_a_month_after_its_end(proposal):
    tasks.confirmations()
    Proposal.objects.update(ends_at=clock.now() - timedelta(days=29))
    tasks.confirmations()
    assert Proposal.objects.exists()
    Proposal.objects.update(ends_at=clock.now() - timedelta(days=31))
    tasks.confirmations()
    assert not Proposal.objects.exists()
