"""The last checkpoint of each log, kept outside the database.

What must never happen: the platform signs a log that does not continue what it signed before, be it
that somebody rewrote the database or that an old backup was put in its place. What prevents it: a
restored database cannot bring these files back with it, and the signer reads them first. So the
folder must not lie where the database's backups do.

One file for each log, <stream>.checkpoint: the signed note itself. It is only ever replaced whole.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings

from enigm_command.lib import files

SUFFIX = ".checkpoint"


@contextmanager
def locked(stream: UUID) -> Iterator[None]:
    """One signer of a log at a time, on this machine."""
    path = _file(stream).with_suffix(".lock")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    opened = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def read(stream: UUID) -> str | None:
    """The last note signed for a log, or None."""
    try:
        return _file(stream).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def write(stream: UUID, note: str) -> None:
    """Keep a note as the last one. When this returns, it is on the disk."""
    files.replace(_file(stream), note)


def forget_drafts() -> None:
    """Remove what a signer that was killed left of a note it was about to keep."""
    files.forget_drafts(_folder(), older_than=timedelta(hours=1))


def streams() -> list[UUID]:
    """Every log that was ever signed."""
    return sorted(UUID(path.stem) for path in _folder().glob(f"*{SUFFIX}"))


def _file(stream: UUID) -> Path:
    return _folder() / f"{stream}{SUFFIX}"


def _folder() -> Path:
    return Path(settings.AUDIT_CHECKPOINTS_FOLDER)
