"""The people of the tests. Oren bought the server, Ada administers it, Uma is a user in it,
Opal operates the platform, Mallory administers some other server, and the schedule finishes what
was begun.

Whoever acts in the panel is an `Authority`; their account is `ada.warrant.account`.
"""

import pytest
from celery import Celery

from accounts.factors import RecoveryDevice
from accounts.models import Account
from audit.authority import SCHEDULE, Authority
from audit.vocabulary import Capacity
from enigm_command.lib.models import SweepRun
from enigm_command.schedule import SWEEPS
from membership.access import Access
from servers.edge import authority_of
from servers.models import Administrator, Server
from tests.factories import (
    AccountFactory,
    AdministratorFactory,
    AuthenticatorFactory,
    ServerFactory,
)
from tests.objects import member_of


@pytest.fixture
def server(db: None) -> Server:
    """Oren's server, active and with nobody in it."""
    return ServerFactory(owner=AccountFactory(username="oren"))


@pytest.fixture
def oren(server: Server) -> Authority:
    return authority_of(Administrator.objects.get(server=server, account=server.owner), "oren")


@pytest.fixture
def ada(server: Server) -> Authority:
    power = AdministratorFactory(server=server, account=AccountFactory(username="ada"))
    return authority_of(power, "ada")


@pytest.fixture
def lost(ada: Authority) -> Account:
    """Ada's account, to which she lost every way in."""
    account = ada.warrant.account
    AuthenticatorFactory(user=account)
    RecoveryDevice.objects.renew(account)
    return account


@pytest.fixture
def uma(server: Server) -> Access:
    """What Uma's requests may rely on."""
    return member_of(server, "uma")


@pytest.fixture
def mallory(db: None) -> Authority:
    theirs = ServerFactory(name="Elsewhere", owner=AccountFactory(username="mallory"))
    return authority_of(Administrator.objects.get(server=theirs), "mallory")


@pytest.fixture
def opal() -> Authority:
    return Authority(Capacity.OPERATOR, name="opal")


@pytest.fixture
def schedule() -> Authority:
    return SCHEDULE


@pytest.fixture
def listed(db: None) -> None:
    """Each sweep has its row, as of now: `migrate` listed them when the tests began."""
    SweepRun.objects.all().delete()
    SweepRun.objects.list_all(SWEEPS)


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What workers are woken for, as (task, id), in place of a broker."""
    woken: list[tuple[str, str]] = []
    monkeypatch.setattr(
        Celery, "send_task", lambda app, task, args, **options: woken.append((task, *args))
    )
    return woken
