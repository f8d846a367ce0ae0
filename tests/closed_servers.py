"""Servers that Uma's request to join does not reach the queue of, each for its own reason."""

from enigm_command.lib import locator
from servers.models import Server, Standing
from tests.factories import (
    BlockFactory,
    JoinRequestFactory,
    MembershipFactory,
    PolicyVersionFactory,
    ServerFactory,
)


def in_standing(standing: Standing) -> Server:
    return ServerFactory(standing=standing)


def paused() -> Server:
    return PolicyVersionFactory(joins_open=False).server


def full() -> Server:
    server = PolicyVersionFactory(queue_cap=3).server
    JoinRequestFactory.create_batch(3, server=server)
    return server


def with_uma_inside() -> Server:
    return MembershipFactory(subject="uma").server


def with_uma_waiting() -> Server:
    return JoinRequestFactory(subject="uma").server


def with_uma_blocked() -> Server:
    return BlockFactory(subject="uma").server


def unknown() -> Server:
    return Server(locator=locator.make())


CLOSED = {
    "unknown": unknown,
    "paused": paused,
    "full": full,
    "her own already": with_uma_inside,
    "asked before": with_uma_waiting,
    "blocked": with_uma_blocked,
    "restricted": lambda: in_standing(Standing.RESTRICTED),
    "suspended": lambda: in_standing(Standing.SUSPENDED),
    "retiring": lambda: in_standing(Standing.RETIRING),
    "being deleted": lambda: in_standing(Standing.DELETING),
    "deleted": lambda: in_standing(Standing.DELETED),
}
