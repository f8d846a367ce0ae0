"""The services a command needs: started for as long as it runs, or those that run already."""

import contextlib
import sys
import time
from collections.abc import Iterator

import django
from django.conf import settings

from enigm_command.devstack import Refused, paths, postgres, valkey
from enigm_command.devstack.claim import Claim
from enigm_command.devstack.program import Program
from enigm_command.devstack.supervisor import Supervisor

__all__ = ["Refused", "for_command", "own", "running"]

# These need no services, or see to them by themselves.
ALONE = {
    "help", "version", "up", "test", "demo", "screenshots", "build_static", "collectstatic",
    "makemessages",
}  # fmt: skip


@contextlib.contextmanager
def for_command(command: str) -> Iterator[None]:
    """The services for one short command: own ones, or as a guest of whoever runs them."""
    if command in ALONE or command.startswith("-") or not settings.EMBEDDED:
        yield
        return
    with Claim(settings.STATE) as claim:
        while not claim.take(command):
            if claim.join():
                yield
                return
            time.sleep(0.05)
        with Supervisor() as supervisor:
            start_services(supervisor)
            claim.tell(ready=True)
            try:
                yield
            finally:
                claim.wait_for_guests()


@contextlib.contextmanager
def own(command: str, *, fast: bool = False) -> Iterator[tuple[Claim, Supervisor]]:
    """The services for a long command, which must be the only one."""
    with Claim(settings.STATE) as claim:
        if not claim.take(command):
            raise Refused(_who_is_first(claim))
        with Supervisor() as supervisor:
            start_services(supervisor, fast=fast)
            claim.tell(ready=True)
            yield claim, supervisor


def start_services(supervisor: Supervisor, *, fast: bool = False) -> None:
    """Start what no address was given for, and make what has to be there before the first use."""
    paths.private(paths.socket_folder())
    if "DATABASE_URL" in settings.EMBEDDED:
        supervisor.start(postgres.program(fast=fast))
        postgres.make_database()
    if "REDIS_URL" in settings.EMBEDDED:
        supervisor.start(valkey.program(fast=fast))
    django.setup()
    from enigm_command.devstack import keys  # its tables are known only from here on

    keys.prepare()


@contextlib.contextmanager
def running() -> Iterator[str]:
    """The address of a running product: of `up` where it runs, else of one started for a while."""
    with Claim(settings.STATE) as claim:
        if not claim.take("demo"):
            yield _address(claim)
            return
        claim.give_up()
        up = Program(
            "`manage.py up`",
            [sys.executable, paths.ROOT / "manage.py", "up"],
            ready=lambda: "address" in claim.facts(),
            log=settings.STATE / "up.log",
            patience=120.0,
        )
        with Supervisor() as supervisor:
            supervisor.start(up)
            yield _address(claim)


def _address(claim: Claim) -> str:
    """Where the product answers, once it does."""
    while claim.facts().get("command") == "up":
        if address := claim.facts().get("address"):
            return str(address)
        time.sleep(0.1)
    raise Refused(_who_is_first(claim))


def _who_is_first(claim: Claim) -> str:
    facts = claim.facts()
    if facts.get("command") == "up":
        return f"already running from {paths.ROOT} at {facts.get('address', 'an address to come')}."
    return f"`manage.py {facts.get('command')}` uses {settings.STATE}: end it first."
