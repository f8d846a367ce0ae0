"""Two servers as people fill them over HTTP; one of them is filled to the brim besides."""

import secrets
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from uuid import UUID

from content import blobs
from enigm_command.demo import buying, deleting, joining, storing
from enigm_command.demo.app import App
from enigm_command.demo.authenticator import Authenticator
from enigm_command.demo.browser import Browser
from enigm_command.demo.people import People
from tests.crash.product import Product
from tests.objects import LARGE, arriving, sealed

ROWS, BODIES, DAYS = 49_500, 500, 29
BOUGHT = (
    buying.sign_up,
    buying.be_kept_out,
    buying.set_up_second_factor,
    buying.choose,
    buying.pay,
    joining.ask,
    joining.answer,
    storing.send,
)
FILL = """
    INSERT INTO content_encryptedobject (expires_on, server_id, id, author, kind, size, sha256,
        authored_at, received_at, effective_at, expires_at, state, body)
    SELECT (written + interval '30 days')::date, %(server)s, gen_random_uuid(),
        authors[1 + number %% array_length(authors, 1)], 'message', length(%(body)s::bytea),
        sha256(%(body)s), written, written + interval '2 s', written + interval '1 s',
        written + interval '30 days', 'ready', %(body)s
    FROM generate_series(1, %(rows)s) AS number,
        LATERAL (SELECT date_trunc('second', now()) - interval '1 minute'
            - number %% %(days)s * interval '1 day') AS at (written),
        (SELECT array_agg(handle) FROM membership_membership WHERE server_id = %(server)s)
            AS members (authors)
"""
PUT_APART = """
    WITH moved AS (SELECT expires_on, id FROM content_encryptedobject
        WHERE server_id = %(server)s AND body IS NOT NULL ORDER BY id LIMIT %(bodies)s)
    UPDATE content_encryptedobject AS object SET body = NULL, kind = 'media', size = %(size)s
    FROM moved WHERE object.server_id = %(server)s
        AND (object.expires_on, object.id) = (moved.expires_on, moved.id)
    RETURNING object.expires_on, object.id
"""


@dataclass
class Second:
    """Somebody who administers the server too, with a second factor of their own."""

    browser: Browser
    authenticator: Authenticator


def inhabited(site: str) -> People:
    """An account, a server of its own, two users, one who was rejected, and what they sent."""
    people = People(site)
    for step in BOUGHT:
        step(people)
    return people


def id_of(people: People) -> UUID:
    """The server's, as it stands in the address of its pages."""
    return UUID(people.server.split("/")[2])


def live_on(people: People, site: str) -> None:
    """An order with its receipt, new content after it, and somebody who waits at the door."""
    for step in (deleting.review, deleting.confirm, deleting.watch, storing.send):
        step(people)
    App(site, f"otto-{secrets.token_hex(3)}", "Otto Lind").ask_to_join(people.server_id).expect(202)


def second_administrator(people: People, site: str) -> Second:
    """Invited, signed up, and in."""
    people.paula.open(f"{people.server}administrators/invitation/")
    made = people.paula.press("Make the invitation", label="Quentin of accounting")
    code = made.find(r"/invitations/([^/\s]+)/")
    browser = Browser(site)
    quentin = People(site)
    quentin.paula = browser
    for step in BOUGHT[:3]:
        step(quentin)
    browser.open(f"/invitations/{code}/")
    browser.follow("Continue")
    browser.press("Become an administrator", accepts=True, code=quentin.authenticator.code())
    return Second(browser, quentin.authenticator)


def fill(product: Product, server_id: UUID) -> None:
    """By their thousands, of all ages: rows by one statement, bytes through the storage."""
    large = sealed(size=LARGE)
    with product.superuser() as session:
        values = {"server": server_id, "body": sealed("small"), "rows": ROWS + BODIES, "days": DAYS}
        session.execute(FILL, values)
        values = {"server": server_id, "bodies": BODIES, "size": len(large)}
        moved = session.execute(PUT_APART, values).fetchall()
    for expires_on, object_id in moved:
        blobs.keep(blobs.BlobName(expires_on, server_id, object_id), arriving(large))


def order_server_deletion(people: People, name: str) -> None:
    """At once, if a second administrator agrees."""
    people.paula.open(f"{people.server}deletion/")
    typed = {"name": name, "at_once": True, "code": people.authenticator.code()}
    people.paula.press("Delete this server", **typed).find("The deletion is ordered")


def agree(second: Second, people: People, name: str) -> None:
    """With their own factor."""
    second.browser.open(f"{people.server}deletion/")
    second.browser.follow("Agree as second administrator")
    typed = {"name": name, "code": second.authenticator.code()}
    said = second.browser.press("Agree to delete this server", **typed)
    said.find("You have agreed")


def exported_log(people: People, folder: Path) -> tuple[Path, str]:
    """The log as its administrator takes it away, and the key that is to have signed it."""
    page = people.paula.open(f"{people.server}audit/")
    vkey = page.find(r"Key (\S+\+[0-9a-f]{8}\+[\w+/=]+)")
    if "confirm-you" in people.paula.press("Export").path:  # the last code was long ago
        people.paula.press("Confirm", code=people.authenticator.code())
        people.paula.open(f"{people.server}audit/")
        people.paula.press("Export")
    packed = people.paula.page.answer.body
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    return folder / f"log-{id_of(people)}", vkey


def verified_offline(log: Path, vkey: str) -> str:
    """What the one file says that an export carries; nothing of ours is installed beside it."""
    check = [sys.executable, "-I", "-S", "verify_bundle.py", ".", "--complete", "--vkey", vkey]
    done = subprocess.run(check, cwd=log, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def entries_of(log: Path) -> list[bytes]:
    """The entries of an export of less than 256."""
    (bundle,) = log.glob("tile/entries/000*")
    packed = next(bundle.iterdir()).read_bytes() if bundle.is_dir() else bundle.read_bytes()
    entries = []
    while packed:
        size = int.from_bytes(packed[:2], "big")
        entries.append(packed[2 : 2 + size])
        packed = packed[2 + size :]
    return entries
