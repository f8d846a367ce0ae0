"""A database and a folder that are there for one benchmark.

What must never happen: a benchmark writes where real data lie. What prevents it: it runs in a
process of its own, whose settings (`benchmarks.settings`) know no other database than this one.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any

from django.db import DatabaseError, connections

from enigm_command.devstack import paths

NAME = "enigm_bench"
PATIENCE = 60  # seconds
FOLDER = paths.state_folder() / "bench"


def run(arguments: list[str]) -> int:
    """Run `python -m benchmarks` on an empty database beside the product's; its exit status."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "benchmarks.settings"}
    with _database(), _folder():
        command = [sys.executable, "-m", "benchmarks", *arguments]
        return subprocess.call(command, env=environment, cwd=paths.ROOT)


@contextmanager
def _database() -> Iterator[None]:
    """Made by the owner role. One that a killed benchmark left behind goes first."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {NAME}")
        cursor.execute(f"CREATE DATABASE {NAME}")
        try:
            yield
        finally:
            _drop(cursor)


def _drop(cursor: Any) -> None:
    """Once autovacuum has left it, which the owner role may not send away."""
    end = monotonic() + PATIENCE
    while True:
        try:
            cursor.execute(f"DROP DATABASE {NAME} WITH (FORCE)")
            break
        except DatabaseError:
            if monotonic() > end:
                raise
            sleep(1)


@contextmanager
def _folder() -> Iterator[None]:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(mode=0o700, parents=True)
    try:
        yield
    finally:
        shutil.rmtree(FOLDER)
