"""What the app is told of how long a server keeps what it holds."""

from datetime import datetime, timedelta

import pytest

from content import tasks
from servers.models import Standing
from tests.app import App
from tests.factories import PolicyVersionFactory
from tests.support import excused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R17")]


@pytest.fixture
def told(server, uma):
    def told():
        answer = App("uma").get(f"/api/v1/servers/{server.locator}/retention")
        assert answer.status_code == 200, answer.content
        return answer.json()

    return told


def test_the_rules_are_those_of_the_policy_in_force(server, told):
    assert told()["lifetimes"] == {"message": 2_592_000, "media": 2_592_000}
    PolicyVersionFactory(server=server, media_lifetime=timedelta(hours=1), largest_object=2**20)
    assert told()["lifetimes"] == {"message": 2_592_000, "media": 3600}
    assert told()["largest_object"] == 2**20


def test_before_any_sweep_it_says_that_the_sweep_is_late(told):
    measured = told()["measured"]
    assert (measured["swept_at"], measured["sweep_is_late"]) == (None, True)
    assert (measured["objects"], measured["oldest_age"], measured["past_due"]) == (0, None, 0)


def test_after_a_sweep_it_says_when_that_was_and_when_the_next_one_comes(told):
    tasks.expire()
    measured = told()["measured"]
    swept_at, next_at = (
        datetime.fromisoformat(measured[name]) for name in ("swept_at", "next_sweep_at")
    )
    assert swept_at < next_at
    assert not measured["sweep_is_late"]


def test_it_is_told_while_the_server_is_suspended(server, told):
    with excused():
        type(server).objects.filter(pk=server.pk).update(standing=Standing.SUSPENDED)
    assert told()["measured"]["past_due"] == 0


def test_a_member_asks_sixty_times_at_once_and_no_more(server, uma):
    url, app = f"/api/v1/servers/{server.locator}/retention", App("uma")
    answers = [app.get(url).status_code for _ in range(61)]
    assert answers == [200] * 60 + [429]


def test_a_stranger_learns_nothing(server):
    answer = App("a stranger").get(f"/api/v1/servers/{server.locator}/retention")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_admitted")
