"""A real S3-compatible server for tests: OpenStack Swift, its four programs in a folder of its own.

Each region has an account with its own key, so that nobody reaches a bucket by another's.
Nothing here installs anything.
"""

import getpass
import socket
import subprocess
import sys
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from enigm_command.devstack import Refused
from enigm_command.devstack.program import Program

PARTS = ("swift", "keystonemiddleware", "storages", "boto3")
NAMES = ("account", "container", "object", "proxy")
MODULES = {"object": "obj"}
SECRET = "for-tests-only"  # noqa: S105
COMMON = """\
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
swift_dir = {folder}
user = {user}
workers = 0
log_address = {folder}/no-syslog
"""
STORE = """\
devices = {folder}/disks
mount_check = false
fallocate_reserve = 0
[pipeline:main]
pipeline = {name}-server
[app:{name}-server]
use = egg:swift#{name}
"""
PROXY = """\
[pipeline:main]
pipeline = catch_errors s3api tempauth slo proxy-server
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:s3api]
use = egg:swift#s3api
location = test
multi_delete_concurrency = 8
[filter:tempauth]
use = egg:swift#tempauth
{accounts}
[filter:slo]
use = egg:swift#slo
[app:proxy-server]
use = egg:swift#proxy
allow_account_management = true
account_autocreate = true
"""
RINGS = """\
import sys
from swift.common.ring import RingBuilder
folder, *ports = sys.argv[1:]
for name, port in zip(("account", "container", "object"), ports):
    builder = RingBuilder(1, 1, 0)
    builder.add_dev({"id": 0, "region": 1, "zone": 1, "weight": 1, "ip": "127.0.0.1",
                     "port": int(port), "device": "disk"})
    builder.rebalance()
    builder.get_ring().save(f"{folder}/{name}.ring.gz")
"""
HASHES = "[swift-hash]\nswift_hash_path_prefix = enigm\nswift_hash_path_suffix = enigm\n"


def needed() -> None:
    """Refuse in one line that says what is missing."""
    if missing := [name for name in PARTS if find_spec(name) is None]:
        raise Refused(
            f"tests on a real S3 need {', '.join(missing)}: run"
            " `python3 enigm_command/bootstrap.py swift.txt` once, and this again."
        )


@dataclass(frozen=True)
class Swift:
    """Where it lies and listens: at the last port, S3 is spoken."""

    folder: Path
    ports: tuple[int, ...]

    def url(self, account: str, bucket: str, *, secret: str = SECRET) -> str:
        """A bucket's address in the form of OBJECTS_<REGION>_URL."""
        key = quote(f"{account}:enigm", safe="")
        return f"s3+http://{key}:{quote(secret)}@127.0.0.1:{self.ports[-1]}/{bucket}?region=test"

    def programs(self) -> list[Program]:
        """The three that keep, and then the one that speaks."""
        return [self._program(name, port) for name, port in zip(NAMES, self.ports, strict=True)]

    def _program(self, name: str, port: int) -> Program:
        return Program(
            f"Swift's {name} server",
            [sys.executable, "-m", f"swift.{MODULES.get(name, name)}.server", self._conf(name)],
            ready=lambda: _listens(port),
            log=self.folder / f"{name}.log",
            is_service=True,
            patience=60.0,
        )

    def _conf(self, name: str) -> Path:
        return self.folder / f"{name}.conf"


def prepare(folder: Path, accounts: Iterable[str]) -> Swift:
    """Write what the programs read: settings, hashes of paths, and rings with one disk each."""
    swift = Swift(folder, _free_ports(len(NAMES)))
    (folder / "disks" / "disk").mkdir(parents=True)
    (folder / "swift.conf").write_text(HASHES)
    users = "\n".join(f"user_{account}_enigm = {SECRET} .admin" for account in accounts)
    for name, port in zip(NAMES, swift.ports, strict=True):
        own = (PROXY if name == "proxy" else STORE).format(name=name, folder=folder, accounts=users)
        common = COMMON.format(port=port, folder=folder, user=getpass.getuser())
        (folder / f"{name}.conf").write_text(common + own)
    ports = [str(port) for port in swift.ports]
    subprocess.run([sys.executable, "-W", "ignore", "-c", RINGS, str(folder), *ports], check=True)
    return swift


def _free_ports(number: int) -> tuple[int, ...]:
    """Ports that nobody listens at, all different."""
    with ExitStack() as stack:
        found = [stack.enter_context(socket.socket()) for _ in range(number)]
        for each in found:
            each.bind(("127.0.0.1", 0))
        return tuple(each.getsockname()[1] for each in found)


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
