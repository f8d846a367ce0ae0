"""Last part of the story: the server is held back and let go, and its log is checked."""

import hashlib
import subprocess
import sys
import tarfile
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from .people import People
from .wire import expect

ENTRIES = r"Entries ([0-9]+)"
LOGGED = (
    "created the server in Europe",
    "approved a join request",
    "rejected a join request",
    "ordered deletion D-1",
    "finished deletion D-1",
    "suspended the server",
    "resumed the server",
)


def suspend(people: People) -> str:
    """Paula suspends the server: nobody reads or writes"""
    people.paula.open(f"{people.server}suspension/")
    people.paula.press("Suspend this server", reason="A phone was lost.")
    return people.ines.page(people.server_id).expect(403).problem


def resume(people: People) -> str:
    """She resumes it: everything is as it was"""
    people.paula.press("Resume this server")
    return f"{len(people.ines.all_ids(people.server_id))} object can be read again"


def read_log(people: People) -> str:
    """The log says what was done, and by whom"""
    page = people.paula.open(f"{people.server}audit/")
    for said in LOGGED:
        page.find(said)
    return f"{page.find(ENTRIES)} entries"


def check_log(people: People) -> str:
    """Offline, the exported log verifies with the one file that it ships"""
    vkey = people.paula.page.find(r"Key (\S+\+[0-9a-f]{8}\+[\w+/=]+)")
    packed = people.paula.press("Export").answer.body
    with TemporaryDirectory() as folder:
        log = _unpack(packed, Path(folder))
        verifier = [sys.executable, "-I", "-S", str(log / "verify_bundle.py"), str(log)]
        outcome = subprocess.run([*verifier, f"--vkey={vkey}"], capture_output=True, text=True)
        expect("the verifier's exit", outcome.returncode, 0)
        entries = b"".join(path.read_bytes() for path in log.rglob("tile/entries/**/*[0-9]"))
    digest = hashlib.sha256(people.receipt).hexdigest().encode()
    expect("receipts in the log", entries.count(digest), 1)
    return f"{outcome.stdout.strip()}; the receipt’s digest is in it"


def _unpack(packed: bytes, folder: Path) -> Path:
    """The folder that an export holds."""
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        for member in archive:
            path = folder / member.name
            path.parent.mkdir(parents=True, exist_ok=True)
            held = archive.extractfile(member)
            path.write_bytes(held.read() if held else b"")
    return folder / member.name.split("/")[0]
