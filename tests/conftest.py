"""Tests run as the application role, on tables that the owner made: a missing grant fails here."""

import gc
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings as project
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.management.commands import flush
from django.core.signals import setting_changed
from django.db import connection, connections
from django.template import Context, Template
from django.test.signals import reset_template_engines, template_rendered

from audit import keys
from audit.roles import grant
from enigm_command.celery import app as celery_app
from enigm_command.lib import ring, vault

pytest_plugins = ["tests.cast", "tests.stripe_fake"]

HOUR, LONG = 3600, 10  # seconds: of an hour, and of a test that takes its time


@pytest.fixture(scope="session", autouse=True)
def own_state(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Keys and stored objects of this run lie in a folder of its own; its queue is its own too."""
    folder = tmp_path_factory.mktemp("state")
    celery_app.conf.task_default_queue = f"tests-{worker_id}"
    project.STATE = folder
    project.MASTER_KEYS_FILE = folder / "master-keys.json"
    project.APP_TOKEN_KEYS_FILE = folder / "app-token-keys.json"
    project.AUDIT_KEYS_FILE = folder / "audit-keys.json"
    ring.make(project.MASTER_KEYS_FILE)
    keys.make(project.AUDIT_KEYS_FILE)
    for alias, storage in project.STORAGES.items():
        if alias.startswith("objects-"):
            storage["OPTIONS"]["location"] = str(folder / alias.replace("-", "/"))
    project.WHITENOISE_AUTOREFRESH = True  # else every test client looks through all static files
    project.STORAGES["staticfiles"]["BACKEND"] = (
        "django.contrib.staticfiles.storage.StaticFilesStorage"
    )
    return folder


@pytest.fixture(scope="session", autouse=True)
def lean_pages(django_test_environment: None) -> None:
    """Of a page, Django's test client keeps the context, and not that of every piece it is made of
    as well: there may be fifty."""

    def render(template: Template, context: Context) -> str:
        if context.template is template:
            template_rendered.send(sender=template, template=template, context=context)
        return template.nodelist.render(context)

    Template._render = render
    setting_changed.disconnect(reset_template_engines)  # none of them reads a setting that tests do


def pytest_configure() -> None:
    """The product's own way to hash passwords, at a hundredth of what it costs a guesser: from the
    first one on, because that of the factories serves every test."""
    Argon2PasswordHasher.time_cost = Argon2PasswordHasher.parallelism = 1
    Argon2PasswordHasher.memory_cost = 1024  # KiB


def pytest_collection_finish() -> None:
    """What is loaded by now stays: nobody needs to look again and again for garbage in it."""
    gc.freeze()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, own_state: Path
) -> None:
    """The test database is made and migrated by the owner."""
    _connect_as("owner")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """From here on every connection is the application role's."""
    with django_db_blocker.unblock():
        grant(_users["default"][0], using="default")
        connection.close()
        _connect_as("default")
        with _session("postgres") as superuser:
            _flush_quickly(superuser)
            yield
        connection.close()
        _connect_as("owner")


_users = {
    alias: (connections[alias].settings_dict["USER"], connections[alias].settings_dict["PASSWORD"])
    for alias in ("default", "owner")
}


def _connect_as(alias: str) -> None:
    user, password = _users[alias]
    connections["default"].settings_dict.update(USER=user, PASSWORD=password)


def _flush_quickly(superuser: psycopg.Connection[Any]) -> None:
    """After a test that commits, empty what has rows and fill in nothing of the framework's own:
    it takes half a second less than to TRUNCATE all tables and list every permission anew."""
    flush.emit_post_migrate_signal = lambda *said, **more: None
    connection.ops.sql_flush = lambda style, tables, **options: tables
    connection.ops.execute_sql_flush = partial(_empty, superuser)


def _empty(superuser: psycopg.Connection[Any], tables: list[str]) -> None:
    """Past all triggers and references, which only a superuser may do."""
    filled = " UNION ALL ".join(
        f"SELECT '{each}' WHERE EXISTS (SELECT FROM {each})" for each in tables
    )
    with superuser.transaction():
        superuser.execute("SET LOCAL session_replication_role = replica")
        for (table,) in superuser.execute(filled).fetchall():
            superuser.execute(f"DELETE FROM {table}")


@pytest.fixture(autouse=True)
def one_hour() -> None:
    """No test begins as an hour of UTC ends: what counts by the hour or the day would begin anew
    in the middle of it."""
    left = HOUR - time.time() % HOUR
    if left < LONG:
        time.sleep(left)


@pytest.fixture(autouse=True)
def platform_key(request: pytest.FixtureRequest) -> None:
    """Every database test begins with the platform's key and nothing remembered."""
    wants_database = {"db", "transactional_db"} & set(request.fixturenames)
    if wants_database or request.node.get_closest_marker("django_db"):
        request.getfixturevalue("_django_db_helper")
        vault.forget()
        vault.make_key(vault.PLATFORM)


@pytest.fixture(autouse=True)
def own_checkpoints(own_state: Path, settings: Any) -> None:
    """A test takes its entries back when it ends; what it signed must not outlive them."""
    settings.AUDIT_CHECKPOINTS_FOLDER = own_state / f"checkpoints-{uuid4()}"


@pytest.fixture
def as_owner(db: None) -> Iterator[psycopg.Connection[Any]]:
    """A session of the owner role, for what the application role may not even try."""
    with _session(*_users["owner"]) as session:
        yield session


@pytest.fixture
def as_superuser(db: None) -> Iterator[psycopg.Connection[Any]]:
    """A session of PostgreSQL's own superuser, whom no guard of ours stops."""
    try:
        session = _session("postgres")
    except psycopg.OperationalError as error:
        pytest.fail(f"these tests need PostgreSQL to let the role postgres in: {error}")
    with session:
        yield session


@pytest.fixture(scope="session")
def session_as(django_db_setup: None) -> Callable[[str], psycopg.Connection[Any]]:
    """Opens a session of another role in the test database, for what lasts longer than a test."""
    return _session


def _session(user: str, password: str = "") -> psycopg.Connection[Any]:
    parameters = connection.get_connection_params()
    return psycopg.connect(
        dbname=parameters["dbname"],
        host=parameters.get("host"),
        port=parameters.get("port"),
        user=user,
        password=password or None,
        autocommit=True,
    )


@pytest.fixture
def elsewhere() -> Iterator[Callable[[Callable[[], Any]], "Future[Any]"]]:
    """Runs work in a session of its own, as another web process would."""

    def in_own_session(work: Callable[[], Any]) -> Any:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        yield lambda work: pool.submit(in_own_session, work)
