"""The join desk as somebody tries it who asks often, and what must come of it."""

from collections import Counter
from typing import Any

from django.core.management import call_command
from django.urls import reverse

from accounts.models import Notice
from audit.authority import Authority
from enigm_command.lib import locator
from enigm_command.lib.throttle import LIMITS
from membership.models import JoinRequest
from servers.models import Server
from tests.app import App
from tests.browser import Browser
from tests.closed_servers import CLOSED
from tests.factories import PolicyVersionFactory, ServerFactory
from tests.support import asked_of_database

CAP = 50


def asked_from(app: App, server_id: str, number: int) -> tuple[int, bytes, tuple[str, ...]]:
    """What is told to somebody who asks from a network of their own."""
    app.defaults["REMOTE_ADDR"] = f"10.{number >> 8}.{number & 255}.1"
    answer = app.ask(server_id, display_name="Uma", note="From the print desk")
    return answer.status_code, answer.content, tuple(map(str, answer.headers.items()))


def guess(times: int) -> None:
    """Ask so many Server IDs of nobody, and one server of every kind: all get one answer."""
    to_places = [make().locator for make in CLOSED.values()] + [ServerFactory().locator]
    told = {asked_from(App("uma"), each, number) for number, each in enumerate(to_places)}
    told |= {asked_from(App(f"guest {n}"), locator.make(), 1000 + n) for n in range(times)}
    assert len(told) == 1
    assert JoinRequest.objects.filter(secret_hash__isnull=False).exists()


def flood(server: Server, ada: Authority, *, people: int, times: int) -> None:
    """So many people ask to join one server so often: every cap holds, and its page stays cheap."""
    PolicyVersionFactory(server=server, queue_cap=CAP)
    apps = [App(f"person {number}") for number in range(people)]
    told = Counter(
        asked_from(app, server.locator, number)[0]
        for _ in range(times)
        for number, app in enumerate(apps)
    )
    most = LIMITS["join-server"]
    drained = int(most.times * 0.5)  # of an hour's, while they ask
    assert set(told) == {202, 429}
    assert most.times <= told[202] <= most.times + drained
    assert JoinRequest.objects.of(server).waiting().count() == CAP
    _told_once(ada)
    _page_is_cheap(server, ada)


def _told_once(ada: Authority) -> None:
    for _ in range(3):
        call_command("sweep", "membership.queue_notices")
    assert Notice.objects.of(_account(ada)).count() == 1


def _page_is_cheap(server: Server, ada: Authority) -> None:
    browser = Browser().sign_in(_account(ada))
    with asked_of_database() as queries:
        page = browser.get(reverse("join-requests", args=[server.pk]))
    assert page.status_code == 200
    assert len(queries) <= 8


def _account(by: Authority) -> Any:
    return by.warrant.account  # type: ignore[union-attr]  # an administrator's
