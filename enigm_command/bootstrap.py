"""Makes .venv from a hashed lock and goes on inside it. Standard library only.

Anybody's Python starts a command; only the one in .venv runs it. A stamp in .venv says which lock
it was installed from, so a changed lock, or another Python behind the same name, installs again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed-from"
LOCKS = ROOT / "requirements"
OLDEST = (3, 11)


def enough(command: str) -> tuple[str, ...]:
    """The locks that hold enough for a command; the first is installed when none of them is."""
    if command == "screenshots":
        return ("browser.txt",)
    of_tests = ("test.txt", "browser.txt", "fuzz.txt", "swift.txt")
    return of_tests if command == "test" else ("up.txt", *of_tests, "run.txt", "s3.txt")


def enter(*locks: str) -> None:
    """Return only inside a .venv made from one of these locks; elsewhere, go there."""
    if Path(sys.prefix).resolve() != VENV.resolve():
        make()
        go_inside()
    if installed() not in [mark(lock) for lock in locks]:
        install(locks[0])
        go_inside()


def make() -> None:
    """An empty .venv by the newest enough Python; a broken one is replaced."""
    if sys.platform == "win32":
        sys.exit("enigm: on Windows, run this inside WSL2.")
    if not PYTHON.exists():
        run([newest_enough(), "-m", "venv", "--clear", "--without-pip", str(VENV)])


def newest_enough() -> str:
    """This Python; if it is too old, another one of this machine that runs."""
    if sys.version_info >= OLDEST:
        return sys.executable
    for minor in range(OLDEST[1], 20):
        path = shutil.which(f"python3.{minor}")
        if path and subprocess.run([path, "-c", ""], capture_output=True).returncode == 0:
            return path
    sys.exit(f"enigm: Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")


def go_inside() -> None:
    """Start the same command again, by the Python of .venv."""
    os.execv(PYTHON, [str(PYTHON), *sys.argv])


def installed() -> str:
    """What .venv was last installed from, or nothing."""
    return STAMP.read_text() if STAMP.exists() else ""


def mark(lock: str) -> str:
    """A lock's name and contents with this Python's version, in a few letters."""
    version = "{}.{}".format(*sys.version_info)
    contents = (LOCKS / lock).read_bytes()
    return f"{lock} {version} {hashlib.sha256(contents).hexdigest()}"


def install(lock: str) -> None:
    """Install every package of a lock, each one checked by its hash. Runs inside .venv."""
    import fcntl

    with (LOCKS / lock).open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # two first commands at once: the second one waits
        if installed() == mark(lock):
            return
        began = time.monotonic()
        print(f"enigm: installing requirements/{lock} into .venv, about half a minute", flush=True)
        run([*pip(), "install", "-qq", "--disable-pip-version-check", "--require-hashes",
             "--requirement", str(LOCKS / lock)])  # fmt: skip
        STAMP.write_text(mark(lock))
        print(f"enigm: installed in {time.monotonic() - began:.0f} s", flush=True)


def pip() -> list[str]:
    """The pip that made this machine's packages, aimed at .venv; else the one inside Python."""
    outside = [getattr(sys, "_base_executable", sys.executable), "-m", "pip"]
    if subprocess.run([*outside, "--version"], capture_output=True).returncode == 0:
        return [*outside, "--python", str(PYTHON)]
    run([str(PYTHON), "-m", "ensurepip"])
    return [str(PYTHON), "-m", "pip"]


def run(command: list[str]) -> None:
    """Run a command; one that fails has said why, so it ends us without a traceback."""
    if code := subprocess.run(command).returncode:
        sys.exit(f"enigm: `{' '.join(command[:4])} ...` ended with {code}; nothing was started.")


if __name__ == "__main__":  # an image needs one lock and no command: bootstrap.py run.txt
    enter(*sys.argv[1:])
