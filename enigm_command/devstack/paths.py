"""Where embedded services keep their state. Standard library only: settings read it."""

import hashlib
import os
import re
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TEST_STATE = ROOT / ".enigm-test"

# A unix socket's whole path holds at most 103 bytes on macOS, and stands in addresses unquoted.
FIT_FOR_SOCKETS = re.compile(r"[A-Za-z0-9._/-]{1,80}")


def state_folder() -> Path:
    """The folder of embedded data, keys and stored objects; ENIGM_STATE moves it."""
    return Path(os.environ.get("ENIGM_STATE") or ROOT / ".enigm").resolve()


def socket_folder() -> Path:
    """Where the sockets lie: in the state folder if its path is short and plain, else in /tmp.

    Only names the folder; `private` makes it.
    """
    inside = state_folder() / "run"
    if FIT_FOR_SOCKETS.fullmatch(str(inside)):
        return inside
    mark = hashlib.sha256(os.fsencode(inside)).hexdigest()[:8]
    return Path(tempfile.gettempdir()) / f"enigm-{os.getuid()}-{mark}"


def private(folder: Path) -> Path:
    """Make the folder so that nobody else may enter; refuse one that somebody else made ready."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise PermissionError(f"{folder} is not a private folder of this user")
    return folder


def lives(number: int) -> bool:
    """Whether a process of that number runs."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def embedded_database(role: str) -> str:
    """The embedded PostgreSQL's address for one of its two roles."""
    return f"host={socket_folder()} user={role} dbname=enigm"


def embedded_redis() -> str:
    """The embedded Valkey's address."""
    return f"unix://{socket_folder()}/redis.sock?db=0"
