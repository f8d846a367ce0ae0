"""After a whole day, everything it left behind is searched for secrets and personal values.

The story that the demo tells, and what it leaves out (wrong passwords, an e-mail address, a user
removed, the end of the server), over HTTP, with a web server and a worker that log all they can.
Searched is the database, dumped before and after the server's end, the broker, log lines, mails and
stored files. Usernames may stand in the database, because people sign in by them; in no log line.
"""

import base64
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
import redis
from django.db import connection

from enigm_command.demo.wire import wait_for
from enigm_command.devstack import issuer, postgres
from lifecycle import tasks
from servers.models import Server, Standing
from tests.day import TYPED, Day, Product
from tests.factories import PlanFactory
from tests.processes import environment
from tests.search import files, found, unpacked

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.requirement("R1", "R15", "R21", "R29", "R30"),
]
Places = dict[str, bytes]
IN_MAILS = {"e-mail", "link in a mail"}


@pytest.fixture
def day(tmp_path: Path, settings: Any) -> Iterator[Day]:
    settings.DEBUG = True  # for the development issuer of app tokens
    issuer.make_keys()
    PlanFactory()
    with Product(tmp_path) as product:
        yield Day(product)


def dump() -> Places:
    """The database as pg_dump writes it, and the same with its bytes unpacked."""
    at = connection.get_connection_params()
    command = [postgres._binary("pg_dump"), "--username=postgres", "--dbname", at["dbname"]]
    more = [f"--{part}={at[part]}" for part in ("host", "port") if at.get(part)]
    dumped = subprocess.run([*command, *more], capture_output=True, check=True).stdout
    return {"dump": dumped, "bytes of the dump": unpacked(dumped)}


def broker() -> Places:
    """Every key of the broker, with whatever it holds."""
    held = redis.from_url(environment()["REDIS_URL"])
    return {f"broker: {key!r}": key + (held.dump(key) or b"") for key in held.scan_iter()}


def the_days_until_then_are_over(session: psycopg.Connection[Any]) -> None:
    session.execute("SET session_replication_role = replica")
    session.execute("UPDATE lifecycle_serverdeletion SET due_at = now() - interval '1 s'")


def test_a_day_leaves_no_secret_and_nothing_personal_behind(day, as_superuser, own_state):
    day.goes_by()
    before = dump()
    day.server_ends()
    the_days_until_then_are_over(as_superuser)
    tasks.deletions()
    wait_for("the end", lambda: Server.objects.filter(standing=Standing.DELETED).exists())

    logs = dict(files(day.product.logs))
    places = {**dict(files(own_state)), **logs, **broker(), **dump(), **prefixed("before", before)}
    assert len(day.secrets) >= 50
    assert leaks(day.secrets, places) == set()
    assert not codes(day, logs)
    assert leaks({"username": day.people.username}, logs) == set()
    assert_the_mails_say_little(day)


def test_the_search_would_find_what_is_hidden_anywhere(as_superuser):
    """Or the test above would be worth nothing."""
    text = TYPED["note"]
    as_superuser.execute(
        "CREATE TABLE leak AS SELECT %s AS said, %s::bytea AS body", [text, text.encode()]
    )
    held = redis.from_url(environment()["REDIS_URL"])
    held.lpush("leak", base64.b64encode(b"??" + text.encode()))
    try:
        places = leaks({"note": text}, {**dump(), **broker()})
    finally:
        as_superuser.execute("DROP TABLE leak")
        held.delete("leak")
    assert places == {("note", "dump"), ("note", "bytes of the dump"), ("note", "broker: b'leak'")}
    for disguise in (text.swapcase(), quote(text), text.encode().hex(), json.dumps(text)):
        assert found([text], [("line", f"GET /{disguise}!".encode())])


def leaks(secrets: dict[str, str], places: Places) -> set[tuple[str, str]]:
    """Which secrets stand where, by name."""
    names = {text: name for name, text in secrets.items()}
    return {(names[text], place) for text, place in found(secrets.values(), places.items())}


def codes(day: Day, logs: Places) -> list[str]:
    """Codes of the authenticator that stand in a line by themselves."""
    said = b"".join(logs.values()).decode()
    return [code for code in day.codes if re.search(rf"(?<![\w.,]){code}(?![\w.,])", said)]


def prefixed(when: str, places: Places) -> Places:
    return {f"{when}: {place}": contents for place, contents in places.items()}


def assert_the_mails_say_little(day: Day) -> None:
    """To whom they go and the link that was asked for: of the rest, nothing."""
    mails = {f"mail {n}": bytes(mail) for n, mail in enumerate(day.product.post.taken)}
    others = {name: text for name, text in day.secrets.items() if name not in IN_MAILS}
    assert mails
    assert leaks(others, mails) == set()
