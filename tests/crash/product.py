"""Every process of the product, as `manage.py up` runs it, on a state folder of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
from celery import current_app
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from enigm_command.devstack import paths, stack
from enigm_command.lib.models import SweepRun
from enigm_command.management.commands import up

DOOMED = "doomed"  # what the worker's sessions are called, for PostgreSQL to tell them from others
LEASED = ("lifecycle_serverdeletion", "content_deletionorder", "lib_sweeprun")
PATIENCE = 60.0  # seconds for the clock's first round
TRIES = 5
HOOK = Path(__file__).with_name("hook")


class Product:
    """PostgreSQL, Valkey, web, worker and clock; `site` is where they answer.

    `mistake` names what is wrong with it (`hook.mistakes`).
    """

    def __init__(self, mistake: str = "") -> None:
        self.mistake = {"ENIGM_MISTAKE": mistake} if mistake else {}
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.site = f"http://localhost:{self.port}"
        self.points: Path = settings.STATE / "crash-points"
        self._running = ExitStack()

    def start(self) -> None:
        """All of them; returns once the web answers."""
        self.points.mkdir(exist_ok=True)
        _, supervisor = self._running.enter_context(stack.own("test"))
        listener = self._running.enter_context(socket.create_server(("127.0.0.1", self.port)))
        call_command("migrate", verbosity=0)
        call_command("build_static", verbosity=0)
        connections.close_all()
        for program in up.programs(listener, self.site):
            program.log = settings.STATE / f"{program.name}.log"
            program.defaults = program.defaults | self._doom(program.name)
            supervisor.start(program)
        self.programs = {each.name: each for each in supervisor.programs}
        self.worker_command = [*self.programs["worker"].command]
        assert until(self._clock_has_gone_round, PATIENCE), self.last_lines()

    def stop(self) -> None:
        """All of them, as Ctrl-C does."""
        connections.close_all()
        self._running.close()

    def kill(self, name: str) -> None:
        """One program with all that it has started, as a power cut does it."""
        process = self.programs[name].process
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def start_again(self, name: str) -> None:
        """One program that was killed. PostgreSQL may have to wait for what is left of it."""
        for _ in range(TRIES):
            self.programs[name].start()
            with suppress(stack.Refused):
                return self.programs[name].wait_until_ready()
        raise AssertionError(f"{name} does not start again: {self.last_lines()}")

    def look_after(self) -> None:
        """Start again what has died by itself, as `up` does: a worker may, whose broker died."""
        for name, program in self.programs.items():
            if program.process.poll() is not None:
                with suppress(ProcessLookupError):
                    self.kill(name)
                self.start_again(name)

    def run_out_of_leases(self) -> None:
        """As they do by themselves some minutes later."""
        with self.superuser() as session:
            for table in LEASED:
                session.execute(f"UPDATE {table} SET lease_until = now() - interval '1 second'")

    def widen_worker(self, children: int) -> None:
        """Have the worker carry so many works at once, from now on."""
        self.kill("worker")
        worker = self.programs["worker"]
        worker.command = [*self.worker_command, "--concurrency", str(children)]
        self.start_again("worker")

    @contextmanager
    def another(self, name: str) -> Iterator[None]:
        """A second one of a program, beside the first."""
        second = replace(self.programs[name])
        second.start()
        try:
            yield
        finally:
            os.killpg(second.process.pid, signal.SIGKILL)
            second.process.wait()

    def ring(self, task: str, *about: str) -> None:
        """As the clock does each minute, or less often; or as an act does."""
        current_app.send_task(task, args=about)

    def command(self, *line: str) -> subprocess.CompletedProcess[str]:
        """A command of manage.py in a process of its own, beside those that run."""
        run = [sys.executable, str(paths.ROOT / "manage.py"), *line]
        return subprocess.run(run, capture_output=True, text=True, timeout=60)

    def superuser(self) -> psycopg.Connection[Any]:
        """A session of PostgreSQL's own superuser."""
        host = str(paths.socket_folder())
        return psycopg.connect(host=host, user="postgres", dbname="enigm", autocommit=True)

    def last_lines(self) -> str:
        """What the worker said last."""
        log: Path | None = self.programs["worker"].log
        return log.read_text(errors="replace")[-3000:] if log else ""

    def _doom(self, name: str) -> dict[str, str]:
        hooked = {"PYTHONPATH": str(HOOK), "CRASH_POINTS": str(self.points)}
        return hooked | self.mistake | ({"PGAPPNAME": DOOMED} if name == "worker" else {})

    def _clock_has_gone_round(self) -> bool:
        """Has each sweep run that it rings for when it starts?"""
        return not SweepRun.objects.filter(ended_at=None).exists()


def until(question: Callable[[], bool], seconds: float) -> bool:
    """Ask again until it is so, or the time is up."""
    end = time.monotonic() + seconds
    while not (answer := question()) and time.monotonic() < end:
        time.sleep(0.05)
    return answer
