"""What members seal is in no place where we, or whoever stole a copy of us, could read it.

A known text goes the whole way: in by the app API, in its row and apart, through every page and the
purge. Then everything that is left of the day is searched for it.
"""

import base64
import io
import logging
import tarfile
from typing import Any
from uuid import uuid4

import pyrage
import pytest
from django.core import mail
from django.db import connection
from django.urls import reverse

from audit.authority import Authority
from content import purge
from content.actions import order_deletion
from content.models import DeletionOrder, EncryptedObject
from content.scope import Kind, Scope
from enigm_command.lib import clock
from lifecycle.actions import suspend_server
from membership.actions import approve_join_request, reject_join_request
from membership.models import JoinRequest, Membership
from servers.models import Server
from tests.addresses import ROUTES
from tests.app import App
from tests.browser import Browser
from tests.codes import fresh_code
from tests.factories import AccountFactory, PurchaseFactory
from tests.objects import LARGE
from tests.operators import browser_of, operator
from tests.search import files, found, tables
from tests.test_access import OPEN, OPERATORS, PAGES

pytestmark = pytest.mark.django_db(transaction=True)  # an export has one of its own

CANARY = "the canary sings at a quarter past four"
PERSONAL = {
    "subject": "subject-of-the-identity-service-7714",
    "name": "Wilhelmina Canary",
    "note": "I am the aunt of the person with the yellow scarf",
    "email": "wilhelmina@canary.example",
    "server": "Aviary of Saint Columba",
    "bought": "Aviary that was only bought",
    "reason": "Because of the feathers in the corridor",
    "device": "device-of-wilhelmina-0042",
    "secret": "by-which-the-app-asks-how-its-request-fares",
}
OF_THE_SERVER = {"server_id"}
OF_NOTHING: set[str] = set()
SHOWN = (200, 422)  # a page that asks for more shows what is missing


def pages(*, about: set[str]) -> list[str]:
    """Every page whose address holds this and no more; not those that have nothing to show yet."""
    shown = {name for name, answers in PAGES.items() if answers[-1] == OPEN} | OPERATORS
    return sorted(name for name in shown if set(ROUTES[name].pattern.converters) == about)


IDENTITY = pyrage.x25519.Identity.generate()


@pytest.fixture
def day(server: Server, oren: Authority, caplog: Any, settings: Any) -> dict[str, bytes]:
    """Everything that answered during a day on Oren's server, with the log lines it left."""
    settings.PAYMENT_PROVIDER = "none"
    caplog.set_level(logging.DEBUG)
    day = Day(server, oren)
    day.people_join()
    day.objects_come()
    day.pages_are_read("before")
    day.other_pages_are_read()
    day.content_goes()
    day.pages_are_read("after")
    day.it_is_taken_away()
    return {**day.answers, "log lines": caplog.text.encode(), "mail": _outbox()}


class Day:
    """What happens on the server, and every answer that is given meanwhile."""

    def __init__(self, server: Server, by: Authority) -> None:
        self.server, self.by = server, by
        self.objects = f"/api/v1/servers/{server.locator}/objects"
        self.answers: dict[str, bytes] = {}
        self.app = App(PERSONAL["subject"], device=PERSONAL["device"])
        self.browser = Browser().sign_in(by.warrant.account)
        self.operator = browser_of(operator())
        AccountFactory(email=PERSONAL["email"])
        PurchaseFactory(name=PERSONAL["bought"])

    def people_join(self) -> None:
        said = {"display_name": PERSONAL["name"], "note": PERSONAL["note"]}
        self.app.secret = PERSONAL["secret"]
        self.keep("asked", self.app.ask(self.server.locator, **said))
        self.keep("no token", App(raw="?").get(f"/api/v1/join-requests/{self.app.secret}"))
        approve_join_request(JoinRequest.objects.of(self.server).get(), by=self.by)
        other = App("somebody else")
        self.keep("asked too", other.ask(self.server.locator, **said))
        reject_join_request(JoinRequest.objects.of(self.server).waiting().get(), by=self.by)
        self.keep("asked last", App("and another").ask(self.server.locator, **said))
        self.post("settings", {"name": PERSONAL["server"]})

    def objects_come(self) -> None:
        for kind, size in (("message", 0), ("media", LARGE)):
            plain = CANARY.encode().ljust(size, b".")
            stored = self.send(kind, pyrage.encrypt(plain, [IDENTITY.to_public()]))
            assert stored.status_code == 201, stored.content
            fetched = self.app.get(f"{self.objects}/{stored.json()['id']}")
            self.keep(f"fetched {kind}", fetched)
            assert pyrage.decrypt(self.answers[f"fetched {kind}"], [IDENTITY]) == plain
        assert self.send("message", CANARY.encode()).status_code == 422
        self.keep("listed", self.app.get(self.objects))

    def content_goes(self) -> None:
        """Media only: the message stays for the search."""
        scope = Scope(kind=Kind.MEDIA)
        order = order_deletion(
            self.server, scope, order_id=uuid4(), reason=PERSONAL["reason"], by=self.by
        )
        purge.advance(order.pk)
        suspend_server(self.server, reason=PERSONAL["reason"], by=self.by)
        self.post("server-deletion", {"name": "Wrong", "code": fresh_code(self.by.warrant.account)})
        for page in ("order", "order-progress", "receipt"):
            self.read(page, page, order.pk)

    def it_is_taken_away(self) -> None:
        """Every export there is."""
        self.post("log-table", {})
        self.post("log-export", {})
        self.answers |= unpacked(self.answers.pop("posted log-export"))
        self.keep("own data", self.browser.post(reverse("own-data")))
        for route in ("openapi-json", "log_checkpoint", "read_feed", "retention_state"):
            there = reverse(f"app-api:{route}", kwargs=self.known(f"app-api:{route}"))
            self.keep(route, self.app.get(there))

    def pages_are_read(self, when: str) -> None:
        """All of the server's."""
        for page in pages(about=OF_THE_SERVER):
            self.read(f"{page} {when}", page, **{"reaches": "everything"})
        member = Membership.objects.get(server=self.server)
        for page in ("member", "member-removal"):
            self.read(f"{page} {when}", page, member.pk)
        self.read(f"log-entry {when}", "log-entry", 0)
        self.read(f"log-proof {when}", "log-proof", 0)

    def other_pages_are_read(self) -> None:
        """All that are about nothing in particular, and the operators'."""
        for page in pages(about=OF_NOTHING):
            browser = self.operator if page in OPERATORS else self.browser
            self.keep(page, browser.get(reverse(page)))
        there = reverse("ops:servers_server_change", args=[self.server.pk])
        self.keep("ops:server", self.operator.get(there))

    def known(self, route: str) -> dict[str, Any]:
        """What its address is made of."""
        held = {"locator": self.server.locator, "server_id": self.server.pk}
        return {name: held[name] for name in ROUTES[route].pattern.converters}

    def send(self, kind: str, body: bytes) -> Any:
        headers = {"Enigm-Kind": kind, "Enigm-Authored-At": clock.now().isoformat()}
        answer = self.app.post(
            self.objects, body, content_type="application/octet-stream", headers=headers
        )
        return self.keep(f"sent {len(self.answers)}", answer)

    def read(self, label: str, page: str, *about: Any, **query: str) -> None:
        there = reverse(page, args=[self.server.pk, *about])
        answer = self.browser.get(there, query, follow=True)
        assert answer.status_code in SHOWN, page
        self.keep(label, answer)

    def post(self, page: str, typed: dict[str, str]) -> None:
        there = reverse(page, args=[self.server.pk])
        self.keep(f"posted {page}", self.browser.post(there, typed))

    def keep(self, label: str, answer: Any) -> Any:
        whole = b"".join(answer.streaming_content) if answer.streaming else answer.content
        self.answers[label] = whole
        return answer


def unpacked(archive: bytes) -> dict[str, bytes]:
    """Each file of an export."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        return {each.name: files.extractfile(each).read() for each in files if each.isfile()}


def _outbox() -> bytes:
    return b"\n".join(message.message().as_bytes() for message in mail.outbox)


@pytest.mark.requirement("R1", "R16", "R21", "R30")
def test_what_was_sealed_can_be_read_nowhere(day, own_state, server):
    assert EncryptedObject.objects.filter(server_id=server.pk, body__isnull=False).exists()
    assert DeletionOrder.objects.get(server_id=server.pk).purged == 1

    assert not found([CANARY], tables())
    assert not found([CANARY], files(own_state))
    assert not found([CANARY], day.items())


@pytest.mark.requirement("R1", "R15", "R29", "R30")
def test_what_people_say_of_themselves_is_read_by_their_administrators_alone(day, own_state):
    kept = {label: day[label] for label in ("log lines", "mail", "receipt")}
    of_operators = {label: page for label, page in day.items() if label.startswith("ops:")}
    shown = [day["members before"], day["log after"], day["join-requests before"]]

    assert found([PERSONAL["name"]], [("pages", page) for page in shown])
    assert not found(PERSONAL.values(), tables())
    assert not found(PERSONAL.values(), files(own_state))
    assert not found(PERSONAL.values(), [*kept.items(), *of_operators.items()])
    assert of_operators


def test_the_search_would_find_them(server):
    """Or the two tests above would be worth nothing."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE leak AS SELECT %s::bytea AS body", [CANARY.encode()])
        cursor.execute("SELECT t::text FROM leak t")
        assert found([CANARY], [("leak", cursor.fetchone()[0].encode())])
    for text in (CANARY, *PERSONAL.values()):
        for pad in range(3):
            wrapped = base64.b64encode(b"?" * pad + text.encode() + b"!!")
            assert found([text], [("wrapped", wrapped)]), (text, pad)
    assert any(str(server.pk).encode() in contents for _, contents in tables())
