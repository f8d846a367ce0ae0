"""The blind join desk: whether the time of its answer tells what became of a request.

Every request goes through the whole stack, with a token, a person and a network of its own, so that
no throttle answers in place of the desk.
"""

import secrets
from argparse import Namespace
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any

from django.test import Client, override_settings

from audit.recording import recording
from audit.vocabulary import Action
from benchmarks.measure import Figure, interleaved, medians, milliseconds
from benchmarks.preparing import make_server
from enigm_command.devstack import issuer
from enigm_command.lib import clock, locator
from membership.handles import member_handle
from membership.models import Block, JoinRequest, Membership
from servers import policy
from servers.models import PolicyVersion, Server, Standing

ROUNDS = 200  # one request to each server in every round; fewer than one Server ID may be asked
SECTION = "The join desk: milliseconds of an answer"
CLOSEST = 0.15  # by how much a case may differ from a request that is kept

_people = count()
Make = Callable[[Server, list[str]], None]


def run(asked: Namespace) -> list[Figure]:
    """What each case takes, and how that compares with a request that is kept."""
    cases = {name: partial(_once, *_place(make)) for name, make in CASES.items()}
    cases["no such server"] = partial(_once, None, _subjects())
    times = medians(interleaved(cases, ROUNDS))
    kept = times["kept"]
    return [
        *(Figure(SECTION, name, ms, "ms") for name, ms in times.items()),
        *(
            Figure(
                SECTION, f"{name} ÷ kept", ms / kept, "", at_most=1 + CLOSEST, at_least=1 - CLOSEST
            )
            for name, ms in times.items()
            if name != "kept"
        ),
    ]


# --- the servers ----------------------------------------------------------------------------------
def _place(make: Make) -> tuple[Server, list[str]]:
    """A server of one case, and who will ask to join it."""
    owner, subjects = make_server(), _subjects()
    server = owner.warrant.server
    with recording(Action.POLICY_CHANGED, by=owner, server=server) as entry:
        entry.data["version"] = 1
        rules = {**policy.defaults(), "queue_cap": 1000}
        PolicyVersion.objects.create(server=server, number=1, **rules)
        make(server, subjects)
    return server, subjects


def _stand(standing: Standing, server: Server, subjects: list[str]) -> None:
    Server.objects.filter(pk=server.pk).update(standing=standing)


def _pause(server: Server, subjects: list[str]) -> None:
    rules = {**policy.defaults(), "joins_open": False}
    PolicyVersion.objects.create(server=server, number=2, **rules)


def _fill(server: Server, subjects: list[str]) -> None:
    _wait(server, [f"in front-{number}" for number in range(1000)])


def _wait(server: Server, subjects: list[str]) -> None:
    for number, subject in enumerate(subjects):
        asked_at = clock.now() - timedelta(seconds=number)  # each has a place of its own
        own = {"asked_at": asked_at, "secret_hash": secrets.token_bytes(32)}
        JoinRequest(server=server, handle=member_handle(server.pk, subject), **own).save()


def _each(model: Any, told: dict[str, str], server: Server, subjects: list[str]) -> None:
    for subject in subjects:
        model(server=server, handle=member_handle(server.pk, subject), **told).save()


CASES: dict[str, Make] = {
    "kept": lambda server, subjects: None,
    "paused": _pause,
    "full": _fill,
    "restricted": partial(_stand, Standing.RESTRICTED),
    "suspended": partial(_stand, Standing.SUSPENDED),
    "a member already": partial(_each, Membership, {"display_name": "Lena Hoff"}),
    "asked before": _wait,
    "blocked": partial(_each, Block, {"reason": ""}),
}


# --- asking ---------------------------------------------------------------------------------------
def _subjects() -> list[str]:
    return [f"person-{next(_people)}" for _ in range(ROUNDS)]


def _once(server: Server | None, subjects: list[str]) -> float:
    """How long the next of them waits for the answer."""
    return milliseconds(partial(_ask, *_request(server, subjects.pop())))


def _request(server: Server | None, subject: str) -> tuple[dict[str, str], dict[str, str]]:
    number = next(_people)
    with override_settings(DEBUG=True):  # the development issuer works nowhere else
        token = issuer.issue(subject)
    wish = {
        "server_id": str(server.locator) if server else locator.make(),
        "secret": secrets.token_urlsafe(32),
        "display_name": "Lena Hoff",
        "note": "Starting Monday on the print desk",
    }
    return wish, {
        "HTTP_AUTHORIZATION": f"Bearer {token}",
        "REMOTE_ADDR": f"10.{number >> 8 & 255}.{number & 255}.1",
    }


def _ask(wish: dict[str, str], sender: dict[str, str]) -> None:
    answer = Client().post("/api/v1/join-requests", wish, "application/json", **sender)
    if answer.status_code != 202:
        raise RuntimeError(f"the desk answered {answer.status_code}")
