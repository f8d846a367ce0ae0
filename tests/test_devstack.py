"""The set-up: what .venv holds, where sockets lie, who owns the stack, and who is started again."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import psycopg
import pytest
from celery.beat import Scheduler
from packaging.requirements import Requirement

from enigm_command import bootstrap
from enigm_command.celery import app
from enigm_command.devstack import Refused, paths, postgres, program, stack, swift, valkey
from enigm_command.devstack.claim import Claim
from enigm_command.devstack.program import Program
from enigm_command.devstack.supervisor import Supervisor
from enigm_command.management.commands.test import (
    ABOUT_BODIES,
    APART,
    chosen,
    in_parallel,
)
from enigm_command.management.commands.up import PORTS, _listen
from enigm_command.schedule import SWEEPS

PROJECT = tomllib.loads((paths.ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
PARTS = {
    "run.txt": (),
    "up.txt": ("embedded",),
    "test.txt": ("embedded", "test", "lint"),
    "s3.txt": ("s3",),
    "swift.txt": ("embedded", "test", "lint", "s3", "swift"),
    "bench.txt": ("embedded", "bench"),
}
HELD = {
    lock: [*PROJECT["dependencies"], *chain.from_iterable(EXTRAS[part] for part in parts)]
    for lock, parts in PARTS.items()
}


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = paths.private(tmp_path / "state")
    monkeypatch.setenv("ENIGM_STATE", str(folder))
    return folder


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    with Supervisor() as watching:
        yield watching


def sleeper(name: str = "sleeper", seconds: str = "60", **more: object) -> Program:
    return Program(name, [sys.executable, "-c", f"import time; time.sleep({seconds})"], **more)


def after(watching: Supervisor, holds: Callable[[], bool]) -> None:
    """Watch as `up` does, until it holds."""
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        watching.look_after()
        time.sleep(0.02)


# --- what .venv holds -----------------------------------------------------------------------------
@pytest.mark.parametrize("lock", HELD)
def test_a_lock_pins_what_the_project_asks_for_and_names_no_place_to_get_it(lock):
    text = (bootstrap.LOCKS / lock).read_text()
    pins = dict(re.findall(r"^([a-z0-9.-]+)==([^ ;\\]+)", text, re.M))

    for wanted in map(Requirement, HELD[lock]):
        assert wanted.specifier.contains(pins[wanted.name.lower()]), wanted

    assert "://" not in text
    assert "file:" not in text
    assert text.count("==") <= text.count("--hash=sha256:")


@pytest.mark.parametrize(
    ("command", "lock", "is_enough"),
    [
        ("up", "up.txt", True),
        ("up", "test.txt", True),
        ("up", "browser.txt", True),
        ("migrate", "run.txt", True),
        ("test", "test.txt", True),
        ("test", "browser.txt", True),
        ("migrate", "s3.txt", True),
        ("test", "swift.txt", True),
        ("test", "up.txt", False),
    ],
)
def test_a_command_is_content_with_any_lock_that_holds_enough(command, lock, is_enough):
    assert (lock in bootstrap.enough(command)) is is_enough


def test_a_changed_lock_is_another_mark(tmp_path, monkeypatch):
    monkeypatch.setattr(bootstrap, "LOCKS", tmp_path)
    lock = tmp_path / "up.txt"
    lock.write_text("django==5.2.1")
    before = bootstrap.mark("up.txt")

    lock.write_text("django==5.2.2")

    assert bootstrap.mark("up.txt") != before


def test_an_environment_without_a_stamp_holds_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / "installed-from")

    assert bootstrap.installed() == ""


@pytest.mark.parametrize(
    ("arguments", "parallel"),
    [
        ([], True),
        (["-x", "--durations=5"], True),
        (["tests/test_devstack.py"], False),
        (["-k", "devstack"], False),
        (["-n", "4"], False),
        (["--requirements"], False),
    ],
)
def test_the_whole_suite_runs_in_parallel_and_a_selection_does_not(arguments, parallel):
    assert bool(in_parallel(arguments)) is parallel


def test_tests_in_a_browser_are_refused_in_one_line_where_there_is_none(monkeypatch):
    monkeypatch.setenv("CHROMIUM", "/nowhere")

    with pytest.raises(Refused, match=r"a real browser needs (Playwright|Chromium): .+") as said:
        chosen(["--browser", "-x"])

    assert "\n" not in str(said.value)


@pytest.mark.parametrize(("flag", "tests"), APART.items())
def test_what_is_left_out_is_run_by_its_flag_alone_and_one_by_one(flag, tests, monkeypatch):
    monkeypatch.setitem(APART, flag, tests._replace(needed=lambda: None))

    call, taken = chosen([flag, "-x"])

    assert call is tests.run
    assert f"python_files={tests.files}" in taken
    assert "-n" not in taken
    assert (flag in taken) == tests.has_numbers
    assert not any("python_files" in each for each in chosen(["-x"])[1])


def test_tests_on_s3_are_refused_in_one_line_where_there_is_no_server(monkeypatch):
    monkeypatch.setattr(swift, "PARTS", ("swift_of_another_name",))

    with pytest.raises(Refused, match=r"tests on a real S3 need swift_of_another_name: .+") as said:
        chosen(["--s3", "-x"])

    assert "\n" not in str(said.value)


def test_every_test_file_that_runs_on_s3_is_there():
    assert all((paths.ROOT / "tests" / f"test_{name}.py").exists() for name in ABOUT_BODIES.split())


# --- where things lie -----------------------------------------------------------------------------
def test_sockets_lie_in_the_state_folder(monkeypatch):
    monkeypatch.setenv("ENIGM_STATE", "/srv/enigm")

    assert paths.socket_folder() == Path("/srv/enigm/run")


@pytest.mark.parametrize("folder", ["/srv/two words", "/srv/a%20b", "/srv/" + "long/" * 20])
def test_sockets_lie_elsewhere_when_an_address_could_not_name_their_folder(monkeypatch, folder):
    monkeypatch.setenv("ENIGM_STATE", folder)

    assert paths.FIT_FOR_SOCKETS.fullmatch(str(paths.socket_folder()))
    assert not paths.socket_folder().is_relative_to(folder)


def test_a_folder_that_others_may_enter_is_refused(tmp_path):
    (tmp_path / "open").mkdir(mode=0o755)

    with pytest.raises(PermissionError, match="not a private folder"):
        paths.private(tmp_path / "open")


def test_a_link_laid_in_place_of_a_folder_is_refused(tmp_path):
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(PermissionError, match="not a private folder"):
        paths.private(tmp_path / "link")


# --- which port -----------------------------------------------------------------------------------
def test_a_taken_port_that_was_asked_for_is_refused():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(Refused, match=f"^port {port} is taken"):
            _listen(port)


def test_without_a_wish_the_next_free_port_is_taken():
    with _listen(None) as first, _listen(None) as second:
        assert first.getsockname()[1] in PORTS
        assert second.getsockname()[1] > first.getsockname()[1]


# --- who owns the stack ---------------------------------------------------------------------------
def test_a_second_owner_is_told_where_the_first_one_runs(state, settings):
    settings.STATE = state
    with Claim(state) as first:
        assert first.take("up")
        first.tell(ready=True, address="http://127.0.0.1:8007")

        with pytest.raises(Refused, match=r"already running from .+ at http://127.0.0.1:8007"):
            stack.own("up").__enter__()


def test_a_guest_may_come_once_the_services_are_ready(state):
    with Claim(state) as owner, Claim(state) as guest:
        owner.take("up")
        assert not guest.join()

        owner.tell(ready=True)
        assert guest.join()


def test_a_killed_owner_says_nothing_and_is_succeeded(state):
    claims = (
        "import os, sys; from pathlib import Path; from enigm_command.devstack.claim import Claim;"
        "claim = Claim(Path(sys.argv[1])); claim.take('up'); claim.tell(ready=True); os.abort()"
    )
    subprocess.run([sys.executable, "-c", claims, state], cwd=paths.ROOT, check=False)

    with Claim(state) as claim:
        assert claim.facts() == {}
        assert claim.take("up")


def test_what_belongs_to_another_user_is_refused_in_one_line(state):
    state.chmod(0o755)

    with pytest.raises(Refused, match="cannot be used by this user"):
        Claim(state)


# --- who is started again -------------------------------------------------------------------------
def test_a_killed_program_is_started_again(supervisor, capsys):
    killed = sleeper()
    supervisor.start(killed)
    first = killed.process.pid

    os.kill(first, signal.SIGKILL)
    after(supervisor, lambda: killed.process.pid != first)

    assert killed.process.poll() is None
    assert "sleeper was ended by SIGKILL; it is started again" in capsys.readouterr().out


def test_what_a_killed_program_leaves_behind_is_killed_too(supervisor, tmp_path):
    left = tmp_path / "left"
    forks = f"import os, time; os.fork() or open({str(left)!r}, 'w').write(str(os.getpid()))"
    parent = Program("parent", [sys.executable, "-c", f"{forks}; time.sleep(60)"])
    supervisor.start(parent)
    after(supervisor, lambda: left.exists() and left.read_text() != "")
    orphan, first = int(left.read_text()), parent.process.pid

    os.kill(first, signal.SIGKILL)
    after(supervisor, lambda: parent.process.pid != first)

    assert not runs(orphan)


def runs(number: int) -> bool:
    status = Path(f"/proc/{number}/status")
    return status.exists() and "State:\tZ" not in status.read_text()


def test_a_program_that_keeps_dying_ends_everything(supervisor, tmp_path, monkeypatch):
    monkeypatch.setattr(program, "FIRST_PAUSE", 0.001)
    dying = Program(
        "dying",
        [sys.executable, "-c", "print('no such table'); raise SystemExit(3)"],
        log=tmp_path / "dying.log",
    )
    supervisor.start(dying)

    with pytest.raises(Refused, match=r"dying keeps dying; .+ ended with 3.+\n.*no such table"):
        after(supervisor, lambda: False)


def test_a_program_that_never_answers_is_not_waited_for(supervisor):
    with pytest.raises(Refused, match=r"^sleeper did not answer in time"):
        supervisor.start(sleeper(ready=lambda: False, patience=0.1))


def test_a_start_that_fails_says_what_the_program_said(supervisor, tmp_path):
    failing = Program(
        "failing",
        [sys.executable, "-c", "raise SystemExit('wrong password')"],
        ready=lambda: False,
        log=tmp_path / "failing.log",
    )

    with pytest.raises(
        Refused, match=r"failing did not start: it ended with 1.+\n.*wrong password"
    ):
        supervisor.start(failing)


def test_a_service_ends_after_the_programs_that_need_it(tmp_path):
    told = tmp_path / "told"
    tells = (
        "import signal, sys, time;"
        f"signal.signal(15, lambda *_: (open({str(told)!r}, 'a').write(sys.argv[1]), sys.exit()));"
        f"open({str(tmp_path)!r} + '/' + sys.argv[1], 'w'); time.sleep(60)"
    )
    with Supervisor() as supervisor:
        for name, is_service in (("database ", True), ("web ", False)):
            command = [sys.executable, "-c", tells, name]
            ready = (tmp_path / name).exists
            supervisor.start(Program(name, command, ready=ready, is_service=is_service))

    assert told.read_text() == "web database "


def test_a_program_does_not_outlive_a_killed_supervisor(tmp_path):
    number = tmp_path / "number"
    starts = (
        "import os, sys; from enigm_command.devstack.program import Program;"
        f"sleeper = Program('sleeper', ['/bin/sleep', '60']); sleeper.start();"
        f"open({str(number)!r}, 'w').write(str(sleeper.process.pid)); import time; time.sleep(0.5);"
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", starts], cwd=paths.ROOT, check=False)

    end = time.monotonic() + 10
    while runs(int(number.read_text())):
        assert time.monotonic() < end
        time.sleep(0.02)


# --- the services ---------------------------------------------------------------------------------
def test_services_that_are_killed_come_back_with_what_they_held(state, supervisor):
    paths.private(paths.socket_folder())
    database, broker = postgres.program(fast=False), valkey.program(fast=False)
    for service in (database, broker):
        supervisor.start(service)
    postgres.make_database()
    with psycopg.connect(paths.embedded_database("enigm_owner"), autocommit=True) as owner:
        owner.execute("CREATE TABLE kept AS SELECT 42 AS number")

    for service in (database, broker):
        os.kill(service.process.pid, signal.SIGKILL)
        after(supervisor, lambda service=service: service.process.poll() is None)
        after(supervisor, service.ready)

    with psycopg.connect(paths.embedded_database("enigm_owner")) as owner:
        assert owner.execute("SELECT number FROM kept").fetchone() == (42,)
    with psycopg.connect(paths.embedded_database("enigm_app")) as application:
        assert application.execute("SHOW statement_timeout").fetchone() == ("1min",)
        assert application.execute("SHOW timezone").fetchone() == ("UTC",)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            application.execute("CREATE TABLE own (number int)")


def test_a_number_that_another_program_has_now_does_not_keep_postgres_from_starting(state):
    (state / "postgres").mkdir()
    stale = state / "postgres" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n")

    postgres._clear_foreign_number(state / "postgres")

    assert not stale.exists()


def test_a_dead_number_is_left_for_postgres_to_judge(state):
    (state / "postgres").mkdir()
    ended = subprocess.Popen(["/bin/true"])
    ended.wait()
    stale = state / "postgres" / "postmaster.pid"
    stale.write_text(f"{ended.pid}\n")

    postgres._clear_foreign_number(state / "postgres")

    assert stale.exists()


def test_data_of_another_postgres_are_left_alone(state):
    (state / "postgres").mkdir()
    (state / "postgres" / "PG_VERSION").write_text("16\n")

    with pytest.raises(Refused, match="was made by PostgreSQL 16, and this is 18"):
        postgres.program(fast=True)


def test_beat_rings_every_sweep_as_soon_as_it_starts():
    app.finalize()

    entries = Scheduler(app).schedule

    assert {name for name, entry in entries.items() if entry.is_due().is_due} >= SWEEPS.keys()
