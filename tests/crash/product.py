"""Every process of the product, as `manage.py up` runs it, on a state folder of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
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
PATIENCE = 60.0  # seconds for the clock's first round
HOOK = Path(__file__).with_name("hook")


class Product:
    """PostgreSQL, Valkey, web, worker and clock; `site` is where they answer."""

    def __init__(self) -> None:
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
        self.programs = {each.name: each for each in up.programs(listener, self.site)}
        for program in self.programs.values():
            program.log = settings.STATE / f"{program.name}.log"
            if program.name == "worker":
                program.defaults = program.defaults | self._doom()
            supervisor.start(program)
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
        """One program that was killed."""
        self.programs[name].start()

    def widen_worker(self, children: int) -> None:
        """Have the worker carry so many works at once, from now on."""
        self.kill("worker")
        worker = self.programs["worker"]
        worker.command = [*worker.command, "--concurrency", str(children)]
        self.start_again("worker")

    def ring(self, sweep: str) -> None:
        """As the clock does each minute, or less often."""
        current_app.send_task(sweep)

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

    def _doom(self) -> dict[str, str]:
        return {"PGAPPNAME": DOOMED, "PYTHONPATH": str(HOOK), "CRASH_POINTS": str(self.points)}

    def _clock_has_gone_round(self) -> bool:
        """Has each sweep run that it rings for when it starts?"""
        return not SweepRun.objects.filter(ended_at=None).exists()


def until(question: Callable[[], bool], seconds: float) -> bool:
    """Ask again until it is so, or the time is up."""
    end = time.monotonic() + seconds
    while not (answer := question()) and time.monotonic() < end:
        time.sleep(0.05)
    return answer
