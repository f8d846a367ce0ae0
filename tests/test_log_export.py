"""What administrators take away from their log verifies without us, and says only what it may."""

import csv
import io
import subprocess
import sys

import pytest
from django.urls import reverse

from audit import checkpoint
from enigm_command.demo.ruling import _unpack
from servers.actions import rename_server
from tests.browser import Browser
from tests.codes import fresh_code
from tests.support import actions_of, events_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.requirement("R5", "R28")]


@pytest.fixture
def browser(ada):
    return Browser().sign_in(ada.warrant.account)


@pytest.fixture
def renamed(server, ada):
    for name in ("Quay", "=HYPERLINK(1)", "Lena Hoff"):
        rename_server(server, name, by=ada)
    return server


def at(route, server, *more):
    return reverse(route, args=[server.pk, *more])


def exported(browser, server, folder):
    """The export, unpacked."""
    answer = browser.post(at("log-export", server))
    return _unpack(b"".join(answer.streaming_content), folder)


def verified(server, verifier, path):
    """What the shipped file says, in a Python without any package."""
    vkeys = [f"--vkey={key.vkey}" for key in checkpoint.verifiers(server.pk)]
    command = [sys.executable, "-I", "-S", verifier, path, *vkeys]
    return subprocess.run(command, capture_output=True, text=True, cwd=path.parent)


def test_an_export_verifies_with_the_file_it_ships(browser, renamed, tmp_path):
    folder = exported(browser, renamed, tmp_path)
    outcome = verified(renamed, folder / "verify_bundle.py", folder)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    assert "Lena Hoff" in (folder / "private.jsonl").read_text()


def test_an_export_that_was_changed_does_not_verify(browser, renamed, tmp_path):
    folder = exported(browser, renamed, tmp_path)
    entries = next(folder.glob("tile/entries/**/4"))
    entries.write_bytes(entries.read_bytes().replace(b"server.renamed", b"server.deleted"))
    assert verified(renamed, folder / "verify_bundle.py", folder).returncode == 1


def test_every_export_is_an_entry(browser, renamed, tmp_path):
    exported(browser, renamed, tmp_path)
    browser.post(at("log-table", renamed))
    assert actions_of(renamed)[3:] == ["log.exported", "log.exported"]


def test_the_proof_of_one_entry_verifies_alone(browser, renamed, tmp_path):
    folder = exported(browser, renamed, tmp_path)
    proof = tmp_path / "entry.tlog-proof"
    proof.write_bytes(browser.get(at("log-proof", renamed, 1)).content)
    outcome = verified(renamed, folder / "verify_bundle.py", proof)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_a_table_holds_nothing_that_a_spreadsheet_would_carry_out(browser, renamed):
    answer = browser.post(at("log-table", renamed))
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert [row[0] for row in rows] == ["entry", "0", "1", "2", "3"]
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)


def test_an_entrys_page_shows_its_bytes_and_its_way_to_the_root(browser, renamed):
    answer = browser.get(at("log-entry", renamed, 1))
    text = answer.content.decode()
    assert events_of(renamed)[1].leaf_hash.hex() in text
    assert checkpoint.latest(renamed.pk).root.hex() in text
    assert len(answer.context["beside"]) == 2
    assert "Checked for this page" in text


def test_an_entry_that_is_not_there_has_no_page(browser, renamed):
    assert browser.get(at("log-entry", renamed, 9)).status_code == 404


@pytest.mark.parametrize(
    ("query", "fitting"),
    [
        ("", [3, 2, 1, 0]),
        ("name=oren", [3]),
        ("name=nobody", []),
        ("action=server.renamed", [2, 1, 0]),
        ("capacity=owner", [3]),
        ("since=2026-01-01&until=2026-01-31", []),
        ("since=2026-01-01", [3, 2, 1, 0]),
    ],
)
def test_the_log_is_filtered_by_its_address(browser, renamed, oren, query, fitting):
    Browser().sign_in(oren.warrant.account).post(at("log-table", renamed))
    answer = browser.get(f"{at('log', renamed)}?{query}")
    assert [event.seq for event in answer.context["events"]] == fitting


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("since=yesterday", "Enter “From” as a day"),
        ("since=2026-02-02&until=2026-01-01", "is before “From”"),
    ],
)
def test_a_wrong_filter_says_what_to_change(browser, renamed, query, said):
    assert said in browser.get(f"{at('log', renamed)}?{query}").content.decode()


def test_a_log_that_was_rewritten_is_not_called_intact(browser, renamed, as_owner):
    browser.get(at("log", renamed))
    as_owner.execute("ALTER TABLE audit_event DISABLE TRIGGER USER")
    as_owner.execute(
        "UPDATE audit_event SET leaf = leaf || ' ' WHERE stream_id = %s AND seq = 1", [renamed.pk]
    )
    as_owner.execute("ALTER TABLE audit_event ENABLE TRIGGER USER")
    text = browser.get(at("log", renamed)).content.decode()
    assert "does not fit what was signed" in text
    assert "Checked for this page" not in text


@pytest.mark.requirement("R27")
def test_a_person_is_erased_from_pages_and_exports_and_all_proofs_still_hold(
    browser, renamed, ada, tmp_path
):
    rename_server(renamed, "North", by=ada)
    before = exported(browser, renamed, tmp_path / "before")
    old = before / "checkpoint"
    url = at("value-erasure", renamed, 2, "to")
    shown = browser.get(url)
    assert "Lena Hoff" in shown.content.decode()
    browser.press(shown, "Erase from", code=fresh_code(ada.warrant.account))

    assert "Lena Hoff" not in browser.get(at("log", renamed)).content.decode()
    after = exported(browser, renamed, tmp_path / "after")
    assert "Lena Hoff" not in (after / "private.jsonl").read_text()
    outcome = verified(renamed, after / "verify_bundle.py", after)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    keys = [f"--vkey={key.vkey}" for key in checkpoint.verifiers(renamed.pk)]
    command = [sys.executable, "-I", after / "verify_bundle.py", after, *keys, "--old", old]
    complete = subprocess.run([*command, "--complete"], capture_output=True, text=True)
    assert complete.returncode == 0, complete.stdout + complete.stderr
    assert "log.value_erased" in actions_of(renamed)
    assert browser.press(shown, "Erase from").url == at("log-entry", renamed, 2)


def test_erasing_needs_a_code_of_the_app(browser, renamed):
    shown = browser.get(at("value-erasure", renamed, 2, "to"))
    for code in ("", "000000"):
        assert "There is a problem" in browser.press(shown, "Erase", code=code).content.decode()
    assert "Lena Hoff" in browser.get(at("log", renamed)).content.decode()
    assert actions_of(renamed)[3:] == ["log.value_erased refused"]


@pytest.mark.parametrize("route", ["log-export", "log-table"])
def test_taking_the_log_away_needs_a_fresh_factor(browser, renamed, ada, route):
    browser.grow_stale()
    asked = browser.post(at(route, renamed))
    assert asked.url.startswith("/confirm-you/")
    assert len(actions_of(renamed)) == 3
    back = browser.post(asked.url, {"code": fresh_code(ada.warrant.account)}, follow=True)
    assert browser.press(back, "Continue").headers["Content-Disposition"].startswith("attachment")
    assert actions_of(renamed)[3:] == ["log.exported"]


def test_a_field_that_an_entry_does_not_have_cannot_be_erased(browser, renamed):
    assert browser.get(at("value-erasure", renamed, 2, "nothing")).status_code == 404
