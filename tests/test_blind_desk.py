"""Nobody learns from the join desk which Server IDs lead somewhere, however often they try."""

from collections import Counter

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Notice
from enigm_command.lib import locator
from enigm_command.lib.throttle import LIMITS
from membership.models import JoinRequest
from tests.app import App
from tests.browser import Browser
from tests.closed_servers import CLOSED
from tests.factories import PolicyVersionFactory, ServerFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R11", "R30")]

GUESSES = 500
PEOPLE, TIMES, CAP = 100, 20, 50  # `manage.py bench desk` asks five times as often


def from_network(number: int) -> dict[str, str]:
    return {"REMOTE_ADDR": f"10.{number >> 8}.{number & 255}.1"}


def asked_from(app: App, server_id: str, number: int) -> tuple[int, bytes, tuple[str, ...]]:
    """What is told to somebody who asks from a network of their own."""
    app.defaults.update(from_network(number))
    answer = app.ask(server_id, display_name="Uma", note="From the print desk")
    return answer.status_code, answer.content, tuple(map(str, answer.headers.items()))


def test_five_hundred_guesses_and_one_server_of_every_kind_get_one_answer():
    to_places = [make().locator for make in CLOSED.values()] + [ServerFactory().locator]
    told = {asked_from(App("uma"), each, number) for number, each in enumerate(to_places)}
    guesses = range(1000, 1000 + GUESSES)
    told |= {asked_from(App(f"guest {n}"), locator.make(), n) for n in guesses}
    assert len(told) == 1
    assert JoinRequest.objects.filter(secret_hash__isnull=False).exists()


@pytest.mark.django_db(transaction=True)
def test_as_much_is_asked_written_and_committed_as_for_a_request_that_is_kept():
    """What `manage.py bench desk` measures in time, counted."""
    uma = App("uma")
    uma.ask(
        locator.make()
    )  # from here on the platform's own key is known, by which tries are counted
    kept = work_of(uma, ServerFactory().locator)
    assert kept["COMMIT"] >= 1
    for name, make in CLOSED.items():
        assert work_of(uma, make().locator) == kept, name


def work_of(app: App, server_id: str) -> Counter[str]:
    """How often each kind of statement runs, also where nobody has been for a minute."""
    app.secret = app.secret[1:] + app.secret[0]
    with CaptureQueriesContext(connection) as queries:
        app.ask(server_id)
    words = Counter(query["sql"].split()[0] for query in queries)
    words.pop("ROLLBACK", None)  # what is not welcome is taken back: that is the one difference
    return words


def test_however_often_a_hundred_people_ask_every_cap_holds(server, ada):
    PolicyVersionFactory(server=server, queue_cap=CAP)
    apps = [App(f"person {number}") for number in range(PEOPLE)]
    told = Counter(
        asked_from(app, server.locator, number)[0]
        for _ in range(TIMES)
        for number, app in enumerate(apps)
    )
    most = LIMITS["join-server"].times
    assert set(told) == {202, 429}
    assert most <= told[202] <= most + 30  # the bucket drains while they ask
    assert JoinRequest.objects.of(server).waiting().count() == CAP
    for _ in range(3):
        call_command("sweep", "membership.queue_notices")
    assert Notice.objects.of(ada.warrant.account).count() == 1
    assert_the_page_is_as_cheap_as_ever(server, ada)


def assert_the_page_is_as_cheap_as_ever(server, ada):
    browser = Browser().sign_in(ada.warrant.account)
    with CaptureQueriesContext(connection) as queries:
        page = browser.get(reverse("join-requests", args=[server.pk]))
    assert page.status_code == 200
    assert len(queries) <= 8
