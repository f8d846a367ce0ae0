"""Small files that matter: readable by this user only, whole or not there, safe from a crash."""

import os
import secrets
import stat
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

FOR_OTHERS = stat.S_IRWXO | stat.S_IWGRP


def create(path: Path, text: str) -> None:
    """Write a file; one that is there stays, even if it appears meanwhile."""
    draft = _draft(path, text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    _settle(path.parent)


def replace(path: Path, text: str) -> None:
    """Write a file in place of the one that may be there. A reader sees the old or the new one."""
    _draft(path, text).replace(path)
    _settle(path.parent)


def forget_drafts(folder: Path, older_than: timedelta) -> None:
    """Remove what a write that was killed left in a folder of ours."""
    before = time.time() - older_than.total_seconds()
    for draft in folder.glob(f"*.{'[0-9a-f]' * 16}"):
        with suppress(FileNotFoundError):  # it has become the file just now
            if draft.stat().st_mtime < before:
                draft.unlink()


def edition(path: Path) -> tuple[int, int]:
    """What is another for every file that was ever written in this place."""
    found = path.stat()
    return found.st_ino, found.st_mtime_ns


def require_private(path: Path, setting: str) -> None:
    """ImproperlyConfigured when others than its user, and a group of readers, get at the file."""
    if path.stat().st_mode & FOR_OTHERS:
        raise ImproperlyConfigured(f"{setting} ({path}) is open to others: chmod 600 it.")


def _draft(path: Path, text: str) -> Path:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    opened = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(opened, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _settle(folder: Path) -> None:
    """Make the file's name as durable as its contents."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
