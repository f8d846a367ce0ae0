"""What our processes write into their logs: enough to find a fault, and nothing about anybody."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from content.actions import order_deletion
from content.scope import EVERYTHING
from enigm_command.lib.logs import Scrubbed
from membership.actions import approve_join_request
from membership.models import JoinRequest
from servers.models.purchase import Purchase
from tests import processes
from tests.app import App
from tests.browser import Browser
from tests.codes import fresh_code, wrong_code
from tests.factories import PASSWORD, AuthenticatorFactory, PlanFactory
from tests.search import found, says

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R15", "R29", "R30")]

SAID = {
    "display_name": "Wilhelmina Canary",
    "note": "I am the aunt of the person with the yellow scarf",
}
LOUDEST = ("", "django", "django.request", "django.db.backends", "celery")


@pytest.fixture
def written() -> Iterator[StringIO]:
    """All that is logged, however loud, as our processes write it."""
    lines = StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(Scrubbed())
    before = {name: logging.getLogger(name).level for name in LOUDEST}
    for name in ("", "django"):
        logging.getLogger(name).addHandler(handler)
    for name in LOUDEST:
        if name != "django.db.backends":  # it prints what is asked; no LOG_LEVEL lets it speak
            logging.getLogger(name).setLevel(logging.DEBUG)
    yield lines
    for name in ("", "django"):
        logging.getLogger(name).removeHandler(handler)
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def test_signing_in_buying_joining_and_deleting_leave_nothing_in_the_log(
    written, server, oren, settings
):
    settings.DEBUG, settings.PAYMENT_PROVIDER = True, "test"
    device = AuthenticatorFactory(user=oren.warrant.account)
    account, app = device.user, App("subject-of-wilhelmina", device="device-of-wilhelmina")
    browser = Browser()
    for typed in ("a wrong password of theirs", PASSWORD):
        browser.post(reverse("sign-in"), {"username": account.username, "password": typed})
    browser.post(reverse("sign-in-code"), {"code": wrong_code(device)})
    browser.post(reverse("sign-in-code"), {"code": (right := fresh_code(account))})
    assert browser.get(reverse("servers")).status_code == 200
    buy(browser)
    app.ask(server.locator, **SAID)
    approve_join_request(JoinRequest.objects.of(server).get(), by=oren)
    assert app.status() == "approved"
    App(raw=app.raw[:-8]).get(f"/api/v1/join-requests/{app.secret}")
    order_deletion(server, EVERYTHING, order_id=uuid4(), reason="The feathers", by=oren)
    logging.getLogger("enigm").debug("the last line")

    said = written.getvalue()
    secrets = [PASSWORD, "a wrong password of theirs", device.seed, app.raw, app.secret]
    secrets += [*SAID.values(), "subject-of-wilhelmina", "device-of-wilhelmina", "The feathers"]
    secrets += [each.value for each in browser.cookies.values()]
    assert "the last line" in said
    assert not found(secrets, [("log", said.encode())])
    assert not says(right, said)


def buy(browser: Browser) -> None:
    """Oren buys a second server."""
    PlanFactory()
    wish = {"plan": "team", "region": "europe", "name": "Aviary of Saint Columba", "seats": 8}
    wish |= {"runs": "buyer"}
    form = browser.get(reverse("checkout")).context["form"]
    hidden = {name: form[name].value() for name in form.fields if form[name].is_hidden}
    browser.post(reverse("checkout"), {**hidden, **wish, "accepts": "on"})
    assert Purchase.objects.filter(buyer__username="oren").exists()


ROW = "DETAIL:  Failing row contains (7, Wilhelmina Canary, 203.0.113.77)."
CELERY = f"""
import logging
from enigm_command.celery import app
app.log.setup("DEBUG")
try:
    raise ValueError('refused\\n{ROW}')
except ValueError:
    logging.getLogger("celery.app.trace").exception("a task failed")
logging.getLogger("enigm").debug("for /api/v1/join-requests/{"A" * 43} too")
"""


def test_a_worker_leaves_rows_and_secrets_out_as_the_web_server_does():
    process = subprocess.run(
        [sys.executable, "-c", CELERY],
        cwd=processes.ROOT,
        env=processes.environment(),
        capture_output=True,
        text=True,
    )

    assert "a task failed" in process.stderr
    assert "DETAIL: (left out)" in process.stderr
    assert "/join-requests/(left out)" in process.stderr
    assert "Wilhelmina" not in process.stderr


@pytest.mark.parametrize("name", ["gunicorn.error", "gunicorn.access"])
def test_the_web_servers_own_lines_pass_through_the_same_formatter(name):
    logger = logging.getLogger(name)

    assert not logger.propagate
    assert Scrubbed in [type(handler.formatter) for handler in logger.handlers]


def links(secret: str) -> list[Any]:
    return [f"/api/v1/join-requests/{secret}", f"GET /account/email/{secret}/ HTTP/1.1"]


@pytest.mark.parametrize("line", links("kM0kz4V1m9r2bq3mJmF0u1xwq7p2nM4y8b1cVdYzX3A"))
def test_addresses_that_carry_a_secret_are_cut(line):
    assert "kM0kz4" not in Scrubbed().format(logging.makeLogRecord({"msg": line}))
