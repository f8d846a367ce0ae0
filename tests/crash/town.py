"""One server through all rounds: what is sent there, what is ordered, and what must then be so.

I0: it comes to an end. I1: from an order's answer on, nobody reads what it covers; nothing is read
after its time. I2: rows and files name each other. I3: each order that was answered stands once and
is finished; what it covers is gone, and nothing else. I4: the log has one entry for each order and
one for its end, without a gap, and each end has its receipt.
"""

import json
import secrets
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event, Thread
from typing import Any

from django.db import connection

from accounts.models import EncryptedTOTPDevice
from audit.models import AuditEvent
from content.models import DeletionOrder, EncryptedObject, Receipt
from enigm_command.demo.app import App, Sent
from enigm_command.demo.wire import Answer, Surprise
from enigm_command.lib.models import ThrottleBucket
from tests.crash import world
from tests.crash.crash_whole_server import files_of
from tests.crash.product import Product, until

LARGE, SHORT = 20_000, 4  # bytes; seconds
SCOPES: list[dict[str, Any]] = [
    {"reaches": "everything"},
    {"reaches": "member", "member": "Lena Hoff"},
    {"reaches": "member", "member": "Ines Duarte"},
    {"reaches": "kind", "kind": "Messages"},
    {"reaches": "kind", "kind": "Media"},
]
SWEEPS = ("content.purges", "content.expire")


@dataclass(frozen=True)
class Stored:
    """One object, as its author knows it."""

    author: str
    kind: str
    expires_at: float

    def is_reached(self, scope: dict[str, Any]) -> bool:
        """Does this order take it away?"""
        return scope.get("member", self.author) == self.author and (
            scope.get("kind", "").lower().rstrip("s") in ("", self.kind)
        )


class Town:
    """Paula's server, and what she and its members know of it."""

    def __init__(self, product: Product) -> None:
        self.product, self.people = product, world.inhabited(product.site)
        self.pk = world.id_of(self.people)
        self.stored = {pk: self._known(pk, sent.kind) for pk, sent in self.people.sent.items()}
        self.deleted: set[str] = set()
        self.orders = 0
        self.looked_at = 0.0  # when nothing was due and no order waited, at last

    # --- what they do -----------------------------------------------------------------------------
    def send(self) -> None:
        """Small and large ones that stay, and some whose time is soon over."""
        for app in (self.people.lena, self.people.ines):
            for size, kind, lasting in (
                (9, "message", 0),
                (9, "message", SHORT),
                (LARGE, "media", 0),
            ):
                self._store(app, size, kind, lasting)

    def review(self, scope: dict[str, Any]) -> None:
        """Paula looks at what would go. Nobody makes her wait for having tried so much lately."""
        ThrottleBucket.objects.all().delete()
        self.people.paula.open(f"{self.people.server}content/delete/")
        self.people.paula.press("Show what would go", **scope)

    def confirm(self, scope: dict[str, Any]) -> None:
        """She confirms, and again until she hears that it is done: it is one order."""
        form, paula = self.people.paula.page, self.people.paula
        named = {"name": "Paula’s studio"} if scope["reaches"] == "everything" else {}

        def pressed() -> bool:
            paula.page = form
            with suppress(Surprise):
                code = self._fresh_code()
                paula.press("Delete ", code=code, reason="A round of chaos.", **named)
                return "/orders/" in paula.page.path
            return False

        try:
            assert until(pressed, 60), "I0: no answer to the order"
        finally:
            connection.close()
        self.orders += 1
        self.deleted |= {pk for pk, each in self.stored.items() if each.is_reached(scope)}

    def settle(self, patience: float) -> None:
        """Leases run out, sweeps ring: everything ordered ends."""
        end = time.monotonic() + patience
        while not self._is_over():
            assert time.monotonic() < end, f"I0: it does not end. {self.product.last_lines()}"
            self.product.look_after()
            for sweep in SWEEPS:
                self.product.ring(sweep)
            until(self._is_over, 1.0)

    # --- what must be so --------------------------------------------------------------------------
    @contextmanager
    def watched(self) -> Iterator[None]:
        """Ines's phone lists what there is, again and again; she must see nothing that is gone."""
        seen: list[str] = []
        over = Event()
        reader = Thread(target=self._watch, args=(over, seen))
        reader.start()
        try:
            yield
        finally:
            over.set()
            reader.join()
        assert not seen, f"I1: {seen[:3]} were read"

    def check(self) -> None:
        """I2, I3 and I4."""
        rows = EncryptedObject.objects.filter(server_id=self.pk).defer("body")
        apart = {str(row.id) for row in rows.filter(body=None)}
        assert {path.name for path in files_of(self.pk)} == apart, "I2"
        found = {row.public_id for row in rows}
        assert self._kept(time.time()) <= found, "I3: what is left"
        assert found <= self._kept(self.looked_at), "I3: what is gone"
        orders = DeletionOrder.objects.of(self.pk)
        assert orders.count() == orders.exclude(finished_at=None).count() == self.orders, "I3"
        self._check_log({str(order.pk) for order in orders})

    def _kept(self, at: float) -> set[str]:
        """What nobody deleted and time has not ended: it goes on ending things while one looks."""
        there = self.stored.keys() - self.deleted
        return {pk for pk in there if self.stored[pk].expires_at > at}

    def _check_log(self, orders: set[str]) -> None:
        entries = AuditEvent.objects.of(self.pk).order_by("seq")
        assert [each.seq for each in entries] == list(range(len(entries))), "I4: a gap"
        said = [json.loads(bytes(each.leaf)) for each in entries]
        for action in ("deletion.ordered", "deletion.completed"):
            told = Counter(each["data"]["order"] for each in said if each["action"] == action)
            assert told == dict.fromkeys(orders, 1), f"I4: {action}"
        assert Receipt.objects.filter(pk__in=orders).count() == len(orders), "I4: receipts"

    # --- helpers ----------------------------------------------------------------------------------
    def _known(self, pk: str, kind: str) -> Stored:
        """What was sent when they had moved in; it lasts longer than any test."""
        author = self.people.lena if pk in self.people.by_lena else self.people.ines
        return Stored(author.name, kind, time.time() + 30 * 86_400)

    def _store(self, app: App, size: int, kind: str, lasting: int) -> None:
        sent = Sent(b"", self.people.talk.seal(b"." * size), kind, datetime.now(UTC))
        key, answers = secrets.token_hex(8), list[Answer]()

        def accepted() -> bool:
            with suppress(Surprise):
                answers.append(self._offer(app, sent, key, lasting))
            return bool(answers) and answers[-1].status in (200, 201)

        assert until(accepted, 60), f"I0: nothing is taken in: {answers[-1:]}"
        said = answers[-1].json
        ends = datetime.fromisoformat(said["expires_at"]).timestamp()
        self.stored[said["id"]] = Stored(app.name, kind, ends)

    def _offer(self, app: App, sent: Sent, key: str, lasting: int) -> Answer:
        headers = {
            "Enigm-Kind": sent.kind,
            "Enigm-Authored-At": sent.written_at.isoformat(),
            "Idempotency-Key": key,
        }
        headers |= {"Enigm-Lifetime": str(lasting)} if lasting else {}
        path = f"/servers/{self.people.server_id}/objects"
        return app._call("POST", path, sent.sealed, **headers)

    def _fresh_code(self) -> str:
        """As if the last one had been long ago."""
        with suppress(Exception):
            ThrottleBucket.objects.all().delete()
            EncryptedTOTPDevice.objects.update(last_t=-1, drift=0, throttling_failure_count=0)
        self.people.authenticator._last = 0
        return self.people.authenticator.code()

    def _is_over(self) -> bool:
        self.looked_at = time.time()
        waiting = DeletionOrder.objects.of(self.pk).filter(finished_at=None)
        due = EncryptedObject.objects.filter(server_id=self.pk, expires_at__lt=datetime.now(UTC))
        return not waiting.exists() and not due.exists()

    def _watch(self, over: Event, seen: list[str]) -> None:
        try:
            while not over.wait(0.15):
                gone, began = set(self.deleted), time.time()
                with suppress(Surprise):
                    seen += [pk for pk in self._listed() if pk in gone or self._ended(pk, began)]
        finally:
            connection.close()

    def _listed(self) -> list[str]:
        return self.people.ines.all_ids(self.people.server_id)

    def _ended(self, pk: str, at: float) -> bool:
        return pk in self.stored and self.stored[pk].expires_at < at
