"""Months on a server with devices that come back after months: nothing that is gone is readable.

Hypothesis makes up what happens, step by step. The clock stands still within a step, and steps lie
two seconds apart: devices say to the second when they wrote, so within one second a copy could be
taken for a later one.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.db.models import Q
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from content import ages, own_deletions, purge, tasks
from content.actions import order_deletion, release, withhold
from content.lifetimes import Lifetime
from content.models import AlreadyReleased, AlreadyWithheld, DeletionOrder
from content.object_ids import parse_public_id
from content.scope import EVERYTHING, Kind, Scope
from membership.access import Access
from servers.edge import authority_of
from servers.models import Administrator, PolicyVersion
from tests.factories import ServerFactory
from tests.objects import available, member_of, sealed
from tests.policies import DAY, HOUR, MONTH, change
from tests.simulation import clock
from tests.simulation.device import Device
from tests.simulation.truth import Content, Truth

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R17", "R18", "R20", "R22")]

MEMBERS = ("uma", "ines")
# No clock is more than a day ahead: so much longer than objects the server remembers their keys.
SKEWS = [timedelta(days=days) for days in (-40, -2, 0, 0, 1)]
RIGHT = (2, 3)  # devices whose clocks are: one of each member
STEP = timedelta(seconds=2)
AWAY = [timedelta(minutes=1), *(timedelta(days=days) for days in (1, 6, 14, 29, 31, 90))]
BODY = sealed("one for all: nobody here can read it")

devices = st.integers(0, len(SKEWS) - 1)
kinds = st.sampled_from(list(Kind))
scopes = st.sampled_from(
    [("", ""), ("uma", ""), ("ines", ""), ("", "message"), ("", "media"), ("uma", "message")]
)
which = st.integers(0, 99)


class Months(RuleBasedStateMachine):
    """One server, from the day on which two members have sent something of each kind."""

    def __init__(self) -> None:
        super().__init__()
        self.beginning = transaction.savepoint()
        self.clock = clock.StandingClock()
        self.server = ServerFactory()
        owner = Administrator.objects.get(server=self.server)
        self.ada = authority_of(owner, "ada")
        self.members = {name: member_of(self.server, name) for name in MEMBERS}
        self.handles = {name: access.handle for name, access in self.members.items()}
        self.devices = [
            Device(self.handles[MEMBERS[number % 2]], uuid4(), skew)
            for number, skew in enumerate(SKEWS)
        ]
        self.truth = Truth()
        self.reviewed: list[tuple[Scope, datetime]] = []
        for kind in Kind:
            for number in RIGHT:
                self.write(number=number, kind=kind, keyed=True)
        self.pass_time(timedelta(days=2))

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.beginning)

    # --- time and the workers -------------------------------------------------------------------
    def pass_time(self, time: timedelta) -> None:
        self.clock.go_on(time)
        self.truth.age(self.clock.now)

    @rule(time=st.sampled_from(AWAY))
    def nothing_happens_for(self, time: timedelta) -> None:
        self.pass_time(time)

    @rule(sweep=st.sampled_from([tasks.expire, tasks.outgrown, tasks.own_deletions]))
    def workers_sweep(self, sweep: Callable[[], bool]) -> None:
        assert sweep()

    @rule()
    def workers_purge(self) -> None:
        for order in DeletionOrder.objects.unfinished():
            purge.advance(order.pk)

    # --- devices --------------------------------------------------------------------------------
    @rule(number=devices, kind=kinds, keyed=st.booleans())
    def write(self, number: int, kind: str, keyed: bool) -> None:
        device = self.devices[number]
        content = Content(device.member, kind, BODY, uuid4() if keyed else None)
        self.truth.contents.append(content)
        device.write(content, self.clock.now)
        self.offer(number, len(device.holds) - 1, heard=True)

    @rule(number=devices, kind=kinds)
    def write_without_a_connection(self, number: int, kind: str) -> None:
        device = self.devices[number]
        content = Content(device.member, kind, BODY, uuid4())
        self.truth.contents.append(content)
        device.write(content, self.clock.now)

    @rule(number=devices, chosen=which, heard=st.booleans())
    def offer(self, number: int, chosen: int, heard: bool) -> None:
        """What its own member wrote; the answer may be lost."""
        device = self.devices[number]
        own = [each for each in device.holds if each.author == device.member]
        if own:
            content = own[chosen % len(own)]
            device.offer(
                content, self.access(device.member), self.truth, self.clock.now, heard=heard
            )

    @rule(number=devices)
    def catch_up(self, number: int) -> None:
        device = self.devices[number]
        device.catch_up(self.access(device.member), self.truth, self.clock.now)

    @rule(name=st.sampled_from(MEMBERS))
    def take_back_everything(self, name: str) -> None:
        cutoff = own_deletions.delete_all(self.members[name])
        self.truth.delete(Scope(author=self.handles[name]), cutoff)

    @rule(chosen=which)
    def take_back_one(self, chosen: int) -> None:
        if content := self.keyed_content(chosen):
            (copy,) = content.copies.values()
            if own_deletions.delete_one(self.access(content.author), copy.public_id):
                self.truth.delete_one(content)

    # --- administrators -------------------------------------------------------------------------
    @rule(reaches=scopes)
    def review(self, reaches: tuple[str, str]) -> None:
        self.reviewed.append((self.scope(*reaches), self.clock.now))

    @precondition(lambda self: self.reviewed)
    @rule()
    def order_what_was_reviewed(self) -> None:
        scope, cutoff_at = self.reviewed.pop()
        self.order(scope, cutoff_at)

    @rule(reaches=scopes)
    def order_at_once(self, reaches: tuple[str, str]) -> None:
        self.order(self.scope(*reaches), None)

    @rule(chosen=which)
    def order_one(self, chosen: int) -> None:
        if content := self.keyed_content(chosen):
            ((object_id, copy),) = content.copies.items()
            expires_on, _ = parse_public_id(copy.public_id)
            scope = Scope(object_id=object_id, expires_on=expires_on)
            order_deletion(self.server, scope, order_id=uuid4(), by=self.ada)
            self.truth.delete_one(content)

    @rule(reaches=scopes, days=st.sampled_from([None, 1, 20]))
    def withhold(self, reaches: tuple[str, str], days: int | None) -> None:
        scope = self.scope(*reaches)
        ends_at = days and self.clock.now + timedelta(days=days)
        with suppress(AlreadyWithheld):
            standing = withhold(self.server, scope, ends_at=ends_at, by=self.ada)
            self.truth.withheld[standing] = scope, ends_at

    @precondition(lambda self: self.truth.withheld)
    @rule()
    def release(self) -> None:
        standing, _ = self.truth.withheld.popitem()
        with suppress(AlreadyReleased):  # a worker saw that its end had come
            release(standing, by=self.ada)

    @rule(kind=kinds, lifetime=st.sampled_from([HOUR, DAY, 7 * DAY, MONTH]))
    def let_live(self, kind: str, lifetime: int) -> None:
        self.change_lifetime(kind, lifetime)

    @rule(kind=kinds)
    def mistype_a_lifetime_and_put_it_right(self, kind: str) -> None:
        self.change_lifetime(kind, HOUR)
        self.pass_time(STEP)
        self.change_lifetime(kind, MONTH)

    # --- what must hold -------------------------------------------------------------------------
    @invariant()
    def exactly_what_is_not_gone_is_readable(self) -> None:
        found = available(self.access(self.handles["uma"]))
        gone = {
            object_id
            for object_id, copy in self.truth.copies()
            if copy.content.is_gone or copy.content.is_older_than_30_days(self.clock.now)
        }
        assert not found & gone
        assert found == self.truth.readable(self.clock.now)
        self.pass_time(STEP)

    # --- helpers --------------------------------------------------------------------------------
    def change_lifetime(self, kind: str, lifetime: int) -> None:
        if self.truth.lifetimes[kind] != timedelta(seconds=lifetime):
            change(self.server, by=self.ada, **{f"{kind}_lifetime": lifetime})
            with connection.cursor() as cursor:  # it was for that change, and months are to come
                cursor.execute("SET LOCAL transaction_timeout = 0")
            self.truth.limit(kind, timedelta(seconds=lifetime), self.clock.now)

    def access(self, member: UUID) -> Access:
        """What this member's requests may rely on now: the policy may be another one."""
        (access,) = (each for each in self.members.values() if each.handle == member)
        return replace(access, policy=PolicyVersion.objects.in_force(self.server.pk))

    def scope(self, name: str, kind: str) -> Scope:
        chosen = {"author": self.handles[name]} if name else {}
        return Scope(**chosen, kind=kind) if name or kind else EVERYTHING

    def order(self, scope: Scope, cutoff_at: datetime | None) -> None:
        order = order_deletion(
            self.server, scope, order_id=uuid4(), cutoff_at=cutoff_at, by=self.ada
        )
        self.truth.delete(scope, order.cutoff_at)

    def keyed_content(self, chosen: int) -> Content | None:
        """One with a copy on the server, and whose devices say which one it is."""
        keyed = [each for each in self.truth.contents if each.key and each.copies]
        return keyed[chosen % len(keyed)] if keyed else None


@pytest.fixture(scope="module", autouse=True)
def standing_clock(session_as):
    with session_as("postgres") as superuser:
        clock.install(superuser)
        yield
        clock.remove(superuser)


def live_through(stories: int) -> None:
    """The same stories each time; the first that ends badly ends all."""
    chosen = settings(
        max_examples=stories,
        stateful_step_count=25,
        phases=[Phase.generate],
        derandomize=True,
        report_multiple_bugs=False,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Months, settings=chosen)


def test_nothing_that_is_gone_is_ever_readable():
    live_through(8)


def reads_that_ignore_orders(monkeypatch):
    monkeypatch.setattr("content.models.objects.darkening", lambda: Q(server_id=None))


def the_clock_of_the_receipt_alone(monkeypatch):
    honest = Lifetime.of
    monkeypatch.setattr(
        Lifetime, "of", lambda said, received, lasting: honest(received, received, lasting)
    )


def a_limit_that_is_lifted_and_not_kept(monkeypatch):
    monkeypatch.setattr(ages, "keep_dark", lambda server_id, lifetimes: None)


@pytest.mark.parametrize(
    "mistake",
    [
        reads_that_ignore_orders,
        the_clock_of_the_receipt_alone,
        a_limit_that_is_lifted_and_not_kept,
    ],
    ids=lambda mistake: mistake.__name__,
)
def test_the_stories_would_tell_of(mistake, monkeypatch):
    mistake(monkeypatch)
    with pytest.raises((AssertionError, KeyError)):
        live_through(20)
