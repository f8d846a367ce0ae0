"""How much memory the web process needs for a large object, in and out: no more than for small.

The process is the product's own, started as its container starts it, on the scratch database. What
counts is the most that it ever held, which Linux keeps (VmHWM, proc(5)).
"""

import http.client
import json
import re
import socket
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pyrage
from django.test import override_settings

from benchmarks.filling import excused, open_server
from benchmarks.measure import Figure, milliseconds
from enigm_command.devstack import issuer
from enigm_command.lib import clock
from membership.handles import member_handle
from membership.models import Membership
from servers import policy
from servers.models import PolicyVersion, Server
from servers.models.policy import LARGEST_OBJECT

SECTION = "Memory of the web process: MB at most"
SMALL, SMALL_ONES = 2**20, 20
FLAT = 1.2  # of what small objects need
SUBJECT = "uma"
WEB = [
    *("-m", "gunicorn", "enigm_command.wsgi", "--log-level", "warning"),
    *("--worker-class", "gthread", "--threads", "8", "--no-control-socket"),
]


def run(asked: Namespace) -> list[Figure]:
    """The web process with the largest object that any policy allows."""
    return web(LARGEST_OBJECT)


def web(size: int) -> list[Figure]:
    """What it held at most after small objects, after storing one of `size`, after fetching it."""
    server = _server(size)
    with _process() as (port, pid):
        phone = Phone(server, port)
        for _ in range(SMALL_ONES):
            phone.fetch(phone.store(SMALL))
        small, stored = _most(pid), list[str]()
        seconds = milliseconds(lambda: stored.append(phone.store(size))) / 1000
        after_storing = _most(pid)
        phone.fetch(*stored)
        after_fetching = _most(pid)
    return [
        Figure(SECTION, "small objects", small, "MB"),
        Figure(SECTION, "a large object stored", after_storing, "MB"),
        Figure(SECTION, "a large object fetched", after_fetching, "MB"),
        Figure(SECTION, "stored ÷ small", after_storing / small, "", at_most=FLAT),
        Figure(SECTION, "fetched ÷ small", after_fetching / small, "", at_most=FLAT),
        Figure(SECTION, "the large object came at", size / 1e6 / seconds, "MB/s"),
    ]


@dataclass(frozen=True, slots=True)
class Phone:
    """A member's app, which holds no body as a whole either."""

    server: Server
    port: int

    def store(self, size: int) -> str:
        """Send an object of exactly so many bytes; its id."""
        said = {
            "Content-Length": str(size),
            "Content-Type": "application/octet-stream",
            "Enigm-Kind": "media",
            "Enigm-Authored-At": clock.now().isoformat(),
        }
        with self._asked("POST", "objects", said, _body(size)) as answer:
            text = answer.read().decode()
        if answer.status != 201:
            raise RuntimeError(f"the upload was answered {answer.status}: {text}")
        return str(json.loads(text)["id"])

    def fetch(self, object_id: str) -> None:
        """Read an object to its end."""
        with self._asked("GET", f"objects/{object_id}") as answer:
            if answer.status != 200:
                raise RuntimeError(f"the download was answered {answer.status}")
            while answer.read(SMALL):
                pass

    @contextmanager
    def _asked(
        self,
        method: str,
        route: str,
        said: dict[str, str] | None = None,
        body: Iterator[bytes] | None = None,
    ) -> Iterator[http.client.HTTPResponse]:
        with override_settings(DEBUG=True):  # the development issuer works nowhere else
            token = issuer.issue(SUBJECT)
        headers = {"Host": "testserver", "Authorization": f"Bearer {token}", **(said or {})}
        path = f"/api/v1/servers/{self.server.locator}/{route}"
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)) as line:
            line.request(method, path, body, headers)
            yield line.getresponse()


def _body(size: int) -> Iterator[bytes]:
    """A sealed body as far as the server can tell, and after it as much of nothing as is needed."""
    head = pyrage.encrypt(b"", [pyrage.x25519.Identity.generate().to_public()])
    yield head
    left, rest = size - len(head), bytes(SMALL)
    while left > 0:
        yield rest[:left]
        left -= len(rest)


def _server(largest: int) -> Server:
    """A server whose policy allows so large an object, with one member."""
    server: Server = open_server().warrant.server
    rules = {**policy.defaults(), "largest_object": max(largest, SMALL)}
    with excused():
        PolicyVersion.objects.create(server=server, number=2, **rules)
        handle = member_handle(server.pk, SUBJECT)
        Membership.objects.create(server=server, handle=handle, display_name="Uma")
    return server


# --- the process ----------------------------------------------------------------------------------
@contextmanager
def _process() -> Iterator[tuple[int, int]]:
    """The port of a web server, and the process that does its work."""
    with override_settings(DEBUG=True):
        issuer.make_keys()  # it reads them when it starts
    port = _free_port()
    command = [sys.executable, *WEB, "--bind", f"127.0.0.1:{port}"]
    with subprocess.Popen(command) as master:
        try:
            _wait(port)
            yield port, _child(master.pid)
        finally:
            master.terminate()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def _wait(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.1)
    raise RuntimeError("the web server did not start within a minute")


def _child(pid: int) -> int:
    """The one worker of a web server: the master itself answers nothing."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if children := Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            return int(children[0])
        time.sleep(0.1)
    raise RuntimeError("the web server has no worker")


def _most(pid: int) -> float:
    """The most memory that a process ever held, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) * 1024 / 1e6
