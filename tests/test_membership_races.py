"""Two people, or two hundred knocks, at the same moment."""

from collections.abc import Callable
from threading import Barrier
from typing import Any

import pytest

from membership.actions import approve_join_request, reject_join_request
from membership.desk import Wish, receive, withdraw
from membership.models import AlreadyDecided, JoinRequest, Membership
from tests.app import app_token
from tests.factories import JoinRequestFactory, PolicyVersionFactory
from tests.support import actions_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.requirement("R12", "R30")]


def at_once(elsewhere: Any, *works: Callable[[], Any]) -> list[Any]:
    """Run each in a session of its own, begun together; what they return."""
    start = Barrier(len(works))

    def begun(work: Callable[[], Any]) -> Any:
        start.wait(timeout=20)
        return work()

    return [future.result(60) for future in [elsewhere(lambda w=w: begun(w)) for w in works]]


def in_time(act: Callable[..., Any], *args: Any, **kwargs: Any) -> bool:
    try:
        act(*args, **kwargs)
    except AlreadyDecided:
        return False
    return True


def test_of_many_answers_at_once_one_counts(server, ada, oren, elsewhere):
    join_request = JoinRequestFactory(server=server)
    answers = [
        lambda act=act, by=by: in_time(act, join_request, by=by)
        for act in (approve_join_request, reject_join_request)
        for by in (ada, oren) * 5  # twenty
    ]
    outcomes = at_once(elsewhere, *answers)

    assert outcomes.count(True) == 1
    decision = JoinRequest.objects.get().decision
    assert Membership.objects.count() == (decision == JoinRequest.Decision.APPROVED)
    assert actions_of(server) == [f"join_request.{decision}"]


def test_an_answer_and_a_withdrawal_at_once_leave_one_outcome(server, ada, elsewhere):
    secret = b"s" * 32
    for _ in range(10):
        receive(app_token("uma"), server.locator, Wish(secret, "Uma", ""))
        join_request = JoinRequest.objects.get()
        admitted, _ = at_once(
            elsewhere,
            lambda asked=join_request: in_time(approve_join_request, asked, by=ada),
            lambda: withdraw(app_token("uma"), secret),
        )
        assert JoinRequest.objects.exists() == admitted == Membership.objects.exists()
        if admitted:
            break


def test_two_requests_of_one_person_at_once_are_one(server, elsewhere):
    knocks = [
        lambda n=n: receive(app_token("uma"), server.locator, Wish(bytes([n]) * 32, "Uma", ""))
        for n in range(8)
    ]
    at_once(elsewhere, *knocks)
    assert JoinRequest.objects.of(server).count() == 1


def test_the_cap_of_the_queue_holds_however_many_ask_at_once(server, elsewhere):
    PolicyVersionFactory(server=server, queue_cap=5)
    knocks = [
        lambda n=n: receive(app_token(f"p{n}"), server.locator, Wish(bytes([n]) * 32, "P", ""))
        for n in range(16)
    ]
    at_once(elsewhere, *knocks)
    assert JoinRequest.objects.of(server).waiting().count() == 5
