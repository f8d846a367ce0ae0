"""The system's own Chromium, for tests and pictures. Nothing here installs anything."""

import os
import shutil
from importlib.util import find_spec

from enigm_command.devstack import Refused

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (  # no page of ours needs these, and no test leaves the machine
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)
LAPTOP = {  # it stores passkeys, checks a finger, and somebody is there
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def path() -> str:
    """Where it lies: what CHROMIUM says, or a name of it on the PATH; empty if nowhere."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), "")
    return found if os.access(found, os.X_OK) else ""


def flags() -> list[str]:
    """How it is started. Its sandbox does not work for root."""
    return [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]


def needed() -> None:
    """Refuse in one line that says what is missing."""
    if find_spec("playwright") is None:
        raise Refused(
            "a real browser needs Playwright: run"
            " `python3 enigm_command/bootstrap.py browser.txt` once, and this again."
        )
    if not path():
        raise Refused(
            "a real browser needs Chromium: install your system's package of it,"
            " or set CHROMIUM to where it lies."
        )
