"""Last part of the story: the server is held back and let go, and its log is checked."""

import hashlib
import json

from . import tree
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
    """Offline, the downloaded log gives the root that the page shows"""
    page = people.paula.page
    size, root = int(page.find(ENTRIES)), page.find(r"Root \(SHA-256\) ([0-9a-f]{64})")
    leaves = people.paula.press("Download the log").answer.body.splitlines()
    expect("the root", tree.root(leaves[:size]).hex(), root)
    digest = hashlib.sha256(people.receipt).hexdigest()
    receipts = [json.loads(leaf)["data"].get("receipt") for leaf in leaves]
    expect("receipts in the log", receipts.count(digest), 1)
    return f"{root[:16]}… over {size} entries, the receipt’s digest among them"
