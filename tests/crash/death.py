"""Where a worker dies, from outside: no line of the product knows of it.

What a worker does to the world is to commit transactions, to change files, and to ring; a ring that
is lost is a death after a commit. Its works are stopped, each at its n-th commit by PostgreSQL
(`points.sql`) or at its n-th change to a file by Python (`hook`); then it is killed by SIGKILL with
all that it has started.
"""

import time
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from tests.crash.product import DOOMED, Product, until

INSTALL = Path(__file__).with_name("points.sql")
LOCK = 77
PATIENCE = 60.0  # seconds for what a worker does
WAITING = (
    "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    " AND (classid, objid, objsubid) = (%s, %s, 2)"
)
WRITTEN = (
    "SELECT string_agg(DISTINCT relname, ', ' ORDER BY relname) FROM pg_locks"
    " JOIN pg_class ON pg_class.oid = relation WHERE pid = %s AND mode = 'RowExclusiveLock'"
    " AND relkind IN ('r', 'p') AND NOT relispartition"
)


class At(Enum):
    """Where a work is stopped, and what becomes of what it was about to do."""

    COMMIT_LOST = "before commit"
    COMMIT_KEPT = "after commit"
    FILE = "before a file’s change"


class Death:
    """Of the worker. It does not come to a work that is over before."""

    def __init__(self, product: Product, at: At) -> None:
        self.product, self.at = product, at
        self.points: dict[UUID, tuple[int, int]] = {}  # of each server: its number, and the lock's

    def __enter__(self) -> Self:
        self.session = self.product.superuser()
        if not self._one("SELECT to_regnamespace('crash')"):
            self.session.execute(INSTALL.read_bytes())
        return self

    def __exit__(self, *raised: object) -> None:
        self._forget()
        self.session.close()

    def awaits(self, server_id: UUID, number: int) -> None:
        """Stop what is done to this server at the n-th commit, or change to a file."""
        lock = len(self.points) + 1
        self.points[server_id] = number, lock
        if self.at is At.FILE:
            self._file(server_id).write_text(str(number))
        else:
            self.session.execute(f"CREATE SEQUENCE crash.commits_{lock}")
            self.session.execute("SELECT pg_advisory_lock(%s, %s)", [LOCK, lock])
            values = (lock, server_id, number, DOOMED)
            self.session.execute("INSERT INTO crash.point VALUES (%s, %s, %s, %s)", values)

    def comes(self, sweep: str, is_over: Callable[[UUID], bool]) -> dict[UUID, str]:
        """Kill the worker once each work stands at its point or is over.

        What those who stood there were about to do: tables they had written, or the file.
        """
        stood: dict[UUID, str] = {}
        points = self.points
        self.wait(sweep, lambda: all(self._stands(pk, stood) or is_over(pk) for pk in points))
        if stood:
            self.product.kill("worker")
            self._end_sessions()
        self._forget()
        return stood

    def worker_follows(self) -> None:
        """Start a worker again, which finds what the dead one left once the leases have run out."""
        self.product.run_out_of_leases()
        self.product.start_again("worker")

    def wait(self, sweep: str, question: Callable[[], bool]) -> None:
        """For what a worker does, ringing for it as often as every second."""
        end = time.monotonic() + PATIENCE
        while not question():
            assert time.monotonic() < end, self.product.last_lines()
            self.product.ring(sweep)
            until(question, 1.0)

    def _stands(self, server_id: UUID, stood: dict[UUID, str]) -> bool:
        if server_id not in stood:
            found = self._file_of if self.at is At.FILE else self._tables_of
            stood |= {server_id: effect} if (effect := found(server_id)) else {}
        return server_id in stood

    def _tables_of(self, server_id: UUID) -> str:
        _, lock = self.points[server_id]
        pid = self._one(WAITING, [LOCK, lock])
        return self._one(WRITTEN, [pid]) if pid else ""

    def _file_of(self, server_id: UUID) -> str:
        number, _ = self.points[server_id]
        seen = self._seen(server_id)
        lines = seen.read_text().splitlines() if seen.exists() else []
        return lines[-1] if len(lines) == number else ""

    def _end_sessions(self) -> None:
        """The dead worker's: each takes back what it was at, or is let go to commit it."""
        ours = f"FROM pg_stat_activity WHERE application_name = '{DOOMED}'"
        if self.at is At.COMMIT_KEPT:
            self.session.execute("SELECT pg_advisory_unlock_all()")
        else:
            self.session.execute(f"SELECT pg_terminate_backend(pid) {ours}")
        gone = until(lambda: not self._one(f"SELECT count(*) {ours}"), PATIENCE)
        assert gone, "a process of the worker lives on"

    def _forget(self) -> None:
        self.session.execute("SELECT pg_advisory_unlock_all()")
        self.session.execute("TRUNCATE crash.point")
        for server_id, (_, lock) in self.points.items():
            self.session.execute(f"DROP SEQUENCE IF EXISTS crash.commits_{lock}")
            self._file(server_id).unlink(missing_ok=True)
            self._seen(server_id).unlink(missing_ok=True)
        self.points.clear()

    def _file(self, server_id: UUID) -> Path:
        return self.product.points / str(server_id)

    def _seen(self, server_id: UUID) -> Path:
        return self.product.points / f"{server_id}.seen"

    def _one(self, query: str, values: Any = None) -> Any:
        found = self.session.execute(query, values).fetchone()
        return found[0] if found else None
