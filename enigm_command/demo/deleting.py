"""Fourth part of the story: one person's content goes, at once for everyone, then for good."""

import hashlib
import json

from .people import People
from .wire import expect, wait_for


def review(people: People) -> str:
    """Paula looks at what would go if all of Lena's were deleted"""
    people.paula.open(f"{people.server}content/delete/")
    page = people.paula.press("Show what would go", reaches="member", member=people.lena.name)
    count = int(page.find(r"([0-9]+) encrypted objects,"))
    expect("the count", count, len(people.by_lena))
    return f"{count} objects"


def confirm(people: People) -> str:
    """She confirms with a fresh code"""
    button = f"Delete {len(people.by_lena)} objects"
    code = people.authenticator.code()
    page = people.paula.press(button, code=code, reason="Lena has left the studio.")
    people.order = page.path
    return page.find(r"D-[0-9]+")


def be_refused(people: People) -> str:
    """At once the app API serves none of it, and still all the rest"""
    answers = {
        people.ines.fetch(people.server_id, gone).expect(404).problem for gone in people.by_lena
    }
    left = people.ines.all_ids(people.server_id)
    expect("what is left", set(left), set(people.sent) - people.by_lena)
    return f"{', '.join(answers)}; {len(left)} of Ines’s is left"


def offer_again(people: People) -> str:
    """Her phone offers an old copy again: it is not taken in"""
    gone = people.sent[min(people.by_lena)]
    return people.lena.store(people.server_id, gone).expect(410).problem


def watch(people: People) -> str:
    """A worker erases it from storage while Paula watches"""
    done = wait_for("the purge", lambda: _progress_once_finished(people))
    expect("objects erased", done["done"], len(people.by_lena))
    return str(done["text"])


def read_receipt(people: People) -> str:
    """The receipt has the exact counts, and its digest is right"""
    page = people.paula.open(people.order)
    page.find(f"Deleted: {len(people.by_lena)} objects")
    people.receipt = people.paula.read(page.link("Download receipt")).body
    said = json.loads(people.receipt)
    size = sum(len(people.sent[gone].sealed) for gone in people.by_lena)
    expect("removed", said["removed"], {"objects": len(people.by_lena), "bytes": size})
    expect("found by the second look", set(said["second_look"].values()), {0})
    page.find(hashlib.sha256(people.receipt).hexdigest())
    return f"{len(people.by_lena)} objects, {size:,} bytes, none left"


def _progress_once_finished(people: People) -> "dict[str, object] | None":
    progress: dict[str, object] = people.paula.read(f"{people.order}progress/").json
    return progress if progress["finished"] else None
