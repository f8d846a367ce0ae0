"""Who runs the stack of a state folder: a lock that ends with its process, and what it says.

One process owns the stack. Short commands beside it join as guests; an owner that is itself a short
command waits for its guests before it takes the services down.
"""

import fcntl
import json
import os
from pathlib import Path
from typing import Any, Self

from enigm_command.devstack import Refused, paths


class Claim:
    """The claim of this process on a state folder; nothing is claimed until `take` says so."""

    def __init__(self, folder: Path) -> None:
        try:
            paths.private(folder)
            self.owner = (folder / "owner").open("a+")
            self.guests = (folder / "guests").open("a+")
        except PermissionError as reason:
            raise Refused(f"{folder} cannot be used by this user: {reason}.") from reason

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.owner.close()
        self.guests.close()

    def take(self, command: str) -> bool:
        """Become the owner, unless there is one."""
        if not _lock(self.owner, fcntl.LOCK_EX):
            return False
        self.tell(command=command, process=os.getpid())
        return True

    def tell(self, **facts: Any) -> None:
        """Say more about what runs here: `ready`, `address`. A new owner says everything anew."""
        kept = {} if "command" in facts else self.facts()
        self.owner.truncate(0)
        self.owner.write(json.dumps(kept | facts))
        self.owner.flush()

    def facts(self) -> dict[str, Any]:
        """What the owner says; nothing when it was killed, or has yet to speak."""
        self.owner.seek(0)
        said = json.loads(self.owner.read() or "{}")
        return said if said and paths.lives(said["process"]) else {}

    def join(self) -> bool:
        """Become a guest of the owner, once its services are ready."""
        return self.facts().get("ready", False) and _lock(self.guests, fcntl.LOCK_SH)

    def wait_for_guests(self) -> None:
        """Let no new guest in, and return when the last one has gone."""
        if not _lock(self.guests, fcntl.LOCK_EX):
            print("enigm: another command still uses these services; waiting for it", flush=True)
            fcntl.flock(self.guests, fcntl.LOCK_EX)

    def give_up(self) -> None:
        """Let somebody else take it."""
        fcntl.flock(self.owner, fcntl.LOCK_UN)


def _lock(file: Any, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
