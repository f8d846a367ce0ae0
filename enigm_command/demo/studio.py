"""The demo world on a stack of its own, for pictures: new each time, and gone afterwards."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from secrets import token_urlsafe

from django.core.management import call_command
from django.db import connections

from enigm_command import start
from enigm_command.devstack import stack

from .authenticator import Authenticator


@dataclass(frozen=True, slots=True)
class Sitter:
    """Somebody who signs in to be pictured."""

    username: str
    password: str
    authenticator: Authenticator


@dataclass(frozen=True, slots=True)
class Studio:
    """Where the product answers, and for whom. Nothing is purged before `work` is called."""

    site: str
    owner: Sitter
    operator: Sitter
    server_id: str
    work: Callable[[], None]


@contextmanager
def opened() -> Iterator[Studio]:
    """Services, the demo world and the web server, for as long as pictures are taken."""
    with (
        stack.own("screenshots", fast=True) as (_, supervisor),
        socket.create_server(("127.0.0.1", 0)) as listener,
    ):
        from enigm_command.management.commands.up import programs

        owner, operator, server_id = _furnish()
        site = f"http://localhost:{listener.getsockname()[1]}"  # passkeys need a name
        worker, _, web = programs(listener, site)
        supervisor.start(web)
        yield Studio(site, owner, operator, server_id, lambda: supervisor.start(worker))


def _furnish() -> tuple[Sitter, Sitter, str]:
    """Tables, static files, the demo world and an operator."""
    from servers.models import Server

    from . import world

    call_command("migrate", verbosity=0)
    start.before_serving()
    call_command("build_static")
    shown, *_ = world.make_owners()
    world.make_servers()
    call_command("sweep", stdout=StringIO())  # as the clock would have by the time people look
    locator = Server.objects.get(owner__canonical=shown.username).locator or ""
    operator = _operator("opal")
    connections.close_all()
    return Sitter(shown.username, shown.password, Authenticator(shown.seed)), operator, locator


def _operator(username: str) -> Sitter:
    from accounts.actions import add_operator
    from accounts.factors import grouped, new_seed
    from audit.authority import Authority
    from audit.vocabulary import Capacity

    seed, password = new_seed(), token_urlsafe(16)
    by = Authority(Capacity.OPERATOR, name="the studio")
    authenticator = Authenticator(grouped(seed))
    add_operator(username, password, seed=seed, code=authenticator.code(), by=by)
    return Sitter(username, password, authenticator)
