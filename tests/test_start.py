"""Nothing starts on wrong or missing keys: one line says which, and where."""

import json
import os
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from audit import checkpoint, keys
from enigm_command import start
from enigm_command.devstack import issuer
from enigm_command.lib import files, ring, vault
from tests.app import issued
from tests.processes import BEAT, ROOT, WEB, WORKER, ended, manage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.requirement("R29")]

PROCESSES = {"web": WEB, "worker": WORKER, "clock": BEAT, "migrate": manage("migrate")}
SHORT = json.dumps({"1": b64encode(b"sixteen bytes ..").decode()})


@pytest.fixture(autouse=True)
def own_keys(tmp_path: Path, settings: Any) -> Path:
    """A copy of this run's keys that a test may spoil; the token keys are there as well."""
    issued()
    for name in ("MASTER_KEYS_FILE", "AUDIT_KEYS_FILE", "APP_TOKEN_KEYS_FILE"):
        copy = tmp_path / name
        files.create(copy, getattr(settings, name).read_text())
        setattr(settings, name, copy)
    return tmp_path


def master_keys(text: str) -> None:
    settings.MASTER_KEYS_FILE.write_text(text)


def test_everything_starts_on_good_keys():
    start.before_serving()


def test_a_file_for_a_group_to_read_is_private_enough():
    settings.MASTER_KEYS_FILE.chmod(0o640)
    start.before_serving()


WRONG = {
    "no master keys": (
        lambda: settings.MASTER_KEYS_FILE.unlink(),
        r"ENIGM_MASTER_KEYS_FILE \(.+\) is not there\. Put back your copy of it; in a new"
        r" production, make one by manage\.py make_master_keys\.",
    ),
    "master keys of no form": (
        lambda: master_keys("lost"),
        r"ENIGM_MASTER_KEYS_FILE \(.+\) is not a readable key ring\.",
    ),
    "no master key among them": (
        lambda: master_keys("{}"),
        r"ENIGM_MASTER_KEYS_FILE \(.+\) is not a readable key ring\.",
    ),
    "a short master key": (
        lambda: master_keys(SHORT),
        r"ENIGM_MASTER_KEYS_FILE \(.+\) is not a readable key ring\.",
    ),
    "master keys for all to read": (
        lambda: settings.MASTER_KEYS_FILE.chmod(0o644),
        r"ENIGM_MASTER_KEYS_FILE \(.+\) is open to others: chmod 600 it\.",
    ),
    "master keys of another installation": (
        lambda: (settings.MASTER_KEYS_FILE.unlink(), ring.make(settings.MASTER_KEYS_FILE)),
        r"ENIGM_MASTER_KEYS_FILE holds another master key 1 than the one that wrapped the keys of"
        r" this database: put back the ring that belongs to it\.",
    ),
    "master keys without one that is needed": (
        lambda: (ring.add(), ring.keep({2})),
        r"ENIGM_MASTER_KEYS_FILE lacks master key 1, which wrapped keys of this database: put back"
        r" the ring that has it\.",
    ),
    "no keys of the log": (
        lambda: settings.AUDIT_KEYS_FILE.unlink(),
        r"AUDIT_KEYS_FILE \(.+\) holds no readable keys\.",
    ),
    "keys of the log for all to read": (
        lambda: settings.AUDIT_KEYS_FILE.chmod(0o604),
        r"AUDIT_KEYS_FILE \(.+\) is open to others: chmod 600 it\.",
    ),
    "keys of another log": (
        lambda: sign_then_lose_the_key(),
        r"AUDIT_KEYS_FILE lacks the key that signed a log last: put back the file that has it\.",
    ),
    "no keys for app tokens": (
        lambda: settings.APP_TOKEN_KEYS_FILE.unlink(),
        r"APP_TOKEN_KEYS_FILE \(.+\): .+No such file.+",
    ),
    "a private key for app tokens": (
        lambda: settings.APP_TOKEN_KEYS_FILE.write_text(
            json.dumps({"keys": [issuer._signing_key().as_dict(private=True)]})
        ),
        r"APP_TOKEN_KEYS_FILE \(.+\): a private key has no place here",
    ),
}


def sign_then_lose_the_key() -> None:
    checkpoint.latest(vault.PLATFORM)
    settings.AUDIT_KEYS_FILE.unlink()
    keys.make(settings.AUDIT_KEYS_FILE)


@pytest.mark.parametrize(("spoil", "line"), WRONG.values(), ids=WRONG)
def test_wrong_or_missing_keys_are_told_in_one_line(spoil, line):
    spoil()
    with pytest.raises(ImproperlyConfigured, match=f"^{line}$"):
        start.before_serving()


def test_a_database_that_is_away_does_not_keep_anything_from_starting(monkeypatch):
    """Pages answer 503 until it is back."""
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere")
    start.before_serving()


@pytest.mark.parametrize("command", PROCESSES.values(), ids=PROCESSES)
def test_no_process_starts_on_another_installations_master_keys(command, own_keys):
    settings.MASTER_KEYS_FILE.unlink()
    ring.make(settings.MASTER_KEYS_FILE)

    process = ended(command, **own_files())

    assert process.returncode != 0
    assert ours(process) == [
        "enigm: ENIGM_MASTER_KEYS_FILE holds another master key 1 than the one that wrapped the"
        " keys of this database: put back the ring that belongs to it."
    ]
    assert "Traceback" not in process.stdout + process.stderr


@pytest.mark.parametrize("command", [WEB, WORKER, BEAT], ids=["web", "worker", "clock"])
def test_no_process_starts_without_a_secret_key(command):
    process = ended(command, **own_files(), DEBUG="0", SECRET_KEY="")

    assert process.returncode != 0
    assert ours(process) == [
        "enigm: SECRET_KEY is not set. With DEBUG off it has no default: see .env.example."
    ]
    assert "Traceback" not in process.stdout + process.stderr


def test_up_does_not_start_on_master_keys_that_cannot_be_read(tmp_path):
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    (state / "master-keys.json").write_text("lost")
    blank = {"DATABASE_URL": "", "DATABASE_OWNER_URL": "", "REDIS_URL": "", "DEBUG": "1"}

    process = subprocess.run(
        [sys.executable, *manage("up")],
        cwd=ROOT,
        env={**os.environ, **blank, "ENIGM_STATE": str(state)},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert process.returncode == 1
    assert process.stderr.splitlines() == [
        f"enigm: ENIGM_MASTER_KEYS_FILE ({state}/master-keys.json) is not a readable key ring."
    ]


def own_files() -> dict[str, str]:
    """Where a process finds this test's copies."""
    return {
        "ENIGM_MASTER_KEYS_FILE": str(settings.MASTER_KEYS_FILE),
        "AUDIT_KEYS_FILE": str(settings.AUDIT_KEYS_FILE),
        "APP_TOKEN_KEYS_FILE": str(settings.APP_TOKEN_KEYS_FILE),
    }


def ours(process: subprocess.CompletedProcess[str]) -> list[str]:
    """What the product says, between the web server's own lines."""
    return [line for line in process.stderr.splitlines() if line.startswith("enigm: ")]
