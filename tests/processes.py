"""Processes of the product beside the test's own: on the same database, with the same keys."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.db import connection

from enigm_command.celery import app
from enigm_command.devstack import paths

ROOT = Path(__file__).parent.parent
WORKER = [
    "-m",
    "celery",
    "--quiet",
    "--app",
    "enigm_command",
    "worker",
    "--pool",
    "solo",
    "--without-mingle",
]
BEAT = ["-m", "celery", "--quiet", "--app", "enigm_command", "beat", "--pidfile="]
WEB = ["-m", "gunicorn", "enigm_command.wsgi", "--bind", "127.0.0.1:0", "--no-control-socket"]
PATIENCE = 40.0  # seconds: on a busy machine a worker takes its time to start


def manage(command: str) -> list[str]:
    """A command of manage.py as this very Python runs it."""
    return [
        "-c",
        f"import sys, manage; sys.argv = ['manage.py', {command!r}]; manage.run(sys.argv[1])",
    ]


def environment(**more: str) -> dict[str, str]:
    """Where the test's database, broker and keys are, as settings read it."""
    run = connection.settings_dict
    names = {
        "dbname": "NAME",
        **{each: each.upper() for each in ("user", "password", "host", "port")},
    }
    address = " ".join(f"{name}='{run[key]}'" for name, key in names.items() if run[key])
    return {
        **os.environ,
        "DATABASE_URL": address,
        "DATABASE_OWNER_URL": address,
        "REDIS_URL": os.environ.get("REDIS_URL") or paths.embedded_redis(),
        "ENIGM_QUEUE": app.conf.task_default_queue,
        "ENIGM_STATE": str(settings.STATE),
        "DEBUG": "1",
        **more,
    }


def ended(command: list[str], **more: str) -> subprocess.CompletedProcess[str]:
    """What became of a process that was expected to end by itself, and soon."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=40,
    )


class Worker:
    """A Celery worker of this test run: the same database, role, keys and queue."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "worker.log"

    def start(self) -> None:
        """Returns at once; what is rung meanwhile waits in the queue."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *WORKER],
                cwd=ROOT,
                env=environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def kill(self) -> None:
        """As a power cut does it."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE)
