"""Operators read the platform's own log, check it, and take it away."""

import subprocess
import sys

import pytest
from django.urls import reverse

from audit import checkpoint, witness
from audit.actions import note_view
from audit.models import AuditStream
from audit.vocabulary import Action
from enigm_command.demo.ruling import _unpack
from enigm_command.lib.vault import PLATFORM
from lifecycle.actions import restrict_server
from lifecycle.models import Grounds, Reason
from tests.operators import browser_of, operator
from tests.support import actions_of, events_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.requirement("R26", "R28")]
URL = reverse("ops:log")


@pytest.fixture
def opal():
    return operator()


@pytest.fixture
def browser(opal):
    return browser_of(opal)


def platform_log():
    return events_of(AuditStream(pk=PLATFORM))


def test_it_shows_who_did_what_to_which_server_and_why(browser, opal, server):
    restrict_server(server, Grounds(Reason.HARM, "case 118"), by=opal.authority)

    shown = browser.get(URL).content.decode()

    for words in ("opal", "restricted the server (harm)", str(server.pk), "case 118"):
        assert words in shown
    assert "Checked for this page." in shown


def test_to_read_it_is_an_entry_of_it_once_an_hour(browser):
    before = len(platform_log())
    for _ in range(2):
        browser.get(URL)
    assert [event.action for event in platform_log()[before:]] == [Action.PAGE_VIEWED]


def test_it_is_filtered_as_a_servers_log_is(browser, opal, server):
    restrict_server(server, Grounds(Reason.HARM, "case 118"), by=opal.authority)
    note_view("server", server, by=opal.authority)

    events = browser.get(URL, {"action": "server.restricted", "name": "opal"}).context["events"]

    assert events
    assert {event.action for event in events} == {Action.SERVER_RESTRICTED}


def test_one_entry_takes_its_proof_along(browser, opal, server):
    restrict_server(server, Grounds(Reason.HARM, "case 118"), by=opal.authority)
    last = platform_log()[-1].seq

    proof = browser.get(reverse("ops:log-proof", args=[last]))

    assert proof.content.startswith(b"c2sp.org/tlog-proof@v1")
    assert browser.get(reverse("ops:log-proof", args=[last + 99])).status_code == 404


def test_the_head_is_shown_as_it_was_signed_and_witnessed(browser, monkeypatch):
    head = browser.get(URL).context["check"].head
    assert "No witness has signed this one" in browser.get(URL).content.decode()

    monkeypatch.setattr(witness, "cosigned", lambda head: f"{head.note}— other.example AAAA\n")
    shown = browser.get(URL).content.decode()
    assert head.origin in shown
    assert "— other.example AAAA" in shown


def test_the_export_verifies_and_is_an_entry(browser, opal, server, tmp_path):
    restrict_server(server, Grounds(Reason.HARM, "case 118"), by=opal.authority)

    answer = browser.post(reverse("ops:log-export"))
    folder = _unpack(b"".join(answer.streaming_content), tmp_path)

    said = folder / "private.jsonl"
    assert "case 118" in said.read_text()
    said.unlink()  # earlier tests had other keys: what they sealed opens no more
    vkeys = [f"--vkey={key.vkey}" for key in checkpoint.verifiers(PLATFORM)]
    command = [sys.executable, "-I", "-S", folder / "verify_bundle.py", folder, *vkeys]
    outcome = subprocess.run(command, capture_output=True, text=True)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert platform_log()[-1].action == Action.LOG_EXPORTED
    assert actions_of(server) == ["server.restricted"]


def test_the_export_asks_for_a_fresh_factor(browser):
    before = len(platform_log())
    assert browser.grow_stale().post(reverse("ops:log-export")).url.startswith("/confirm-you/")
    assert len(platform_log()) == before
