"""Every setting is listed, and a production that lacks one does not start."""

import importlib.util
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).parent.parent
SETTINGS = (ROOT / "enigm_command" / "settings.py").read_text()
ENVIRONMENT = (ROOT / "enigm_command" / "environment.py").read_text()
PATHS = (ROOT / "enigm_command" / "devstack" / "paths.py").read_text()
EXAMPLE = dict(re.findall(r"^([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.M))
REQUIRED = sorted(set(re.findall(r'(?:needed|contact)\(\s*"([A-Z_]+)"', SETTINGS)))
READ = {
    *REQUIRED,
    *re.findall(r'env(?:\.\w+\(|iron\.get\()\s*"([A-Z_]+)"', SETTINGS + ENVIRONMENT + PATHS),
}
LONG_ENOUGH = "a key of a production that exists for as long as this test does"
FROM_OUTSIDE = {"PATH", "HOME", "LANG", "PYTHONPATH"}


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The environment that .env.example describes, with its one blank filled in."""
    for name in READ:
        monkeypatch.setenv(name, EXAMPLE[name])
    monkeypatch.setenv("SECRET_KEY", LONG_ENOUGH)
    return monkeypatch


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], dict[str, object]]:
    """Reads the settings from a place where no .env lies."""
    alone = tmp_path / "enigm_command" / "settings.py"
    alone.parent.mkdir()
    alone.write_text(SETTINGS)
    (environment := alone.with_name("environment.py")).write_text(ENVIRONMENT)

    def read() -> dict[str, object]:
        read_now = ModuleType("enigm_command.environment")
        read_now.__dict__.update(runpy.run_path(str(environment)))
        monkeypatch.setitem(sys.modules, "enigm_command.environment", read_now)
        return runpy.run_path(str(alone))

    return read


def test_the_example_lists_exactly_the_settings_that_are_read():
    assert set(EXAMPLE) == READ


def test_the_example_is_a_production_without_embedded_services(production, load):
    settings = load()

    assert settings["DEBUG"] is False
    assert settings["EMBEDDED"] == []
    assert settings["DATABASES"]["default"]["USER"] == "enigm_app"
    assert settings["DATABASES"]["owner"]["USER"] == "enigm_owner"


@pytest.mark.parametrize("name", REQUIRED)
def test_a_production_that_lacks_a_setting_is_told_which(production, load, name):
    production.setenv(name, "")

    with pytest.raises(ImproperlyConfigured, match=f"^{name} (is not|must be) set"):
        load()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "short"),
        ("SITE_URL", "command.example.org"),
        ("DATABASE_URL", "postgresql//enigm_app:hunter2@localhost"),
        ("DATABASE_OWNER_URL", "postgresql//enigm_owner:hunter2@localhost"),
        ("REDIS_URL", "localhost:6379"),
        ("LOG_LEVEL", "LOUD"),
        ("EMAIL_URL", "consolemail://"),
        ("EMAIL_URL", "mail.example.org"),
        ("MAIL_FROM", "command.example.org"),
        ("WITNESS_URL", "witness.example.org"),
        ("PUBLIC_CONTACT", "help@example.org"),
        ("APP_ADDRESSES", "Android=http://app.example.org"),
        ("APP_ADDRESSES", "https://app.example.org"),
        ("OBJECTS_US_URL", "https://key:hunter2@s3.example.org/bodies?region=us-east-1"),
        ("OBJECTS_US_URL", "s3://key:hunter2@s3.example.org/bodies"),
        ("OBJECTS_US_URL", "s3://key:hunter2@s3.example.org/Bodies?region=us-east-1"),
        ("OBJECTS_ASIA_URL", "s3://s3.example.org/bodies?region=us-east-1"),
    ],
)
def test_a_setting_of_another_form_is_named_and_not_repeated(production, load, name, value):
    production.setenv(name, value)

    with pytest.raises(ImproperlyConfigured, match=f"^{name} is wrong") as raised:
        load()

    assert value not in str(raised.value)


def test_a_witness_is_not_asked_without_its_key(production, load):
    production.setenv("WITNESS_URL", "https://witness.example.org")

    with pytest.raises(ImproperlyConfigured, match=r"^WITNESS_KEY is wrong"):
        load()


def test_the_places_of_the_app_are_read_by_their_names(production, load):
    production.setenv("APP_ADDRESSES", "Android=https://app.test/?id=a, iPhone=https://app.test/i")

    assert load()["APP_ADDRESSES"] == {
        "Android": "https://app.test/?id=a",
        "iPhone": "https://app.test/i",
    }


def test_a_region_keeps_its_bodies_in_a_folder_until_a_bucket_is_named(production, load):
    production.setenv(
        "OBJECTS_EUROPE_URL", "s3://K%2FY:s%3Acret@s3.example.org:9000/eu-1?region=eu"
    )
    production.setattr(importlib.util, "find_spec", lambda name: name)

    storages = load()["STORAGES"]

    assert storages["objects-us"]["BACKEND"] == "content.folders.ObjectFolder"
    assert storages["objects-europe"] == {
        "BACKEND": "content.buckets.ObjectBucket",
        "OPTIONS": {
            "setting": "OBJECTS_EUROPE_URL",
            "access_key": "K/Y",
            "secret_key": "s:cret",
            "endpoint_url": "https://s3.example.org:9000",
            "bucket_name": "eu-1",
            "region_name": "eu",
        },
    }


def test_a_bucket_without_the_packages_for_it_is_refused(production, load):
    production.setenv("OBJECTS_EUROPE_URL", "s3://key:hunter2@s3.example.org/eu-1?region=eu")
    production.setattr(importlib.util, "find_spec", lambda name: None)

    with pytest.raises(ImproperlyConfigured, match=r"^OBJECTS_EUROPE_URL .+ requirements/s3\.txt$"):
        load()


def test_cookies_of_a_production_travel_by_https_to_this_very_host_alone(production, load):
    settings = load()

    for cookie in ("SESSION", "CSRF"):
        assert settings[f"{cookie}_COOKIE_NAME"].startswith("__Host-")
        assert settings[f"{cookie}_COOKIE_SECURE"] is settings[f"{cookie}_COOKIE_HTTPONLY"] is True
        assert f"{cookie}_COOKIE_DOMAIN" not in settings
        assert f"{cookie}_COOKIE_PATH" not in settings
    assert settings["SESSION_COOKIE_SAMESITE"] == "Lax"  # a payment leads back here
    assert settings["CSRF_COOKIE_SAMESITE"] == "Strict"


@pytest.mark.parametrize(("proxies", "header"), [("0", None), ("2", "HTTP_X_FORWARDED_PROTO")])
def test_forwarded_headers_count_behind_a_proxy_alone(production, load, proxies, header):
    production.setenv("BEHIND_PROXY", proxies)

    settings = load()

    assert settings["TRUSTED_PROXIES"] == int(proxies)
    assert settings["SECURE_PROXY_SSL_HEADER"] == (header and (header, "https"))


def test_djangos_own_check_finds_nothing_in_a_production():
    kept = {name: value for name, value in os.environ.items() if name in FROM_OUTSIDE}
    check = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]

    ended = subprocess.run(
        check,
        cwd=ROOT,
        env=kept | EXAMPLE | {"SECRET_KEY": LONG_ENOUGH},
        capture_output=True,
        text=True,
    )

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == "System check identified no issues (0 silenced).\n"


def test_development_needs_no_setting(monkeypatch, load):
    for name in READ:
        monkeypatch.delenv(name, raising=False)

    settings = load()

    assert settings["DEBUG"] is True
    assert settings["SESSION_COOKIE_NAME"] == "sid"  # over plain http, `__Host-` would not travel
    assert settings["SESSION_COOKIE_SECURE"] is settings["SECURE_SSL_REDIRECT"] is False
    assert settings["EMBEDDED"] == ["DATABASE_URL", "REDIS_URL"]


def test_a_wrong_start_ends_in_one_line():
    blank = dict.fromkeys(READ, "") | {"DEBUG": "0", "SECRET_KEY": LONG_ENOUGH}
    kept = {name: value for name, value in os.environ.items() if name in FROM_OUTSIDE}
    start = "import sys, manage; sys.argv = ['manage.py', 'check']; manage.run('check')"

    ended = subprocess.run(
        [sys.executable, "-c", start], cwd=ROOT, env=kept | blank, capture_output=True, text=True
    )

    assert ended.returncode == 1
    assert ended.stderr == (
        "enigm: DATABASE_URL and REDIS_URL must be set: with DEBUG off, no service is embedded.\n"
    )
