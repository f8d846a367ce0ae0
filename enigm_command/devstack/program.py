"""One program of the stack: started, asked whether it is ready, started again, ended."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from enigm_command.devstack import Refused, child

MINUTE = 60.0
DEATHS_A_MINUTE = 5  # more than these, and starting it again is not the cure
FIRST_PAUSE = 0.25  # seconds; doubled for each further death within a minute
GRACE = 20.0  # seconds to end


def call(*command: str, **environment: str) -> int:
    """Run a program to its end, with this in its environment beside ours; its exit code.

    Ctrl-C reaches it too, so that it ends by itself.
    """
    signal.signal(signal.SIGINT, lambda *_: None)
    return subprocess.call(command, env=os.environ | environment)


@dataclass
class Program:
    """How a program is started and ended, and the process that runs it now.

    A program with a log writes there; the lines of one without are printed under its name.
    """

    name: str
    command: Sequence[str | Path]
    ready: Callable[[], bool] = lambda: True
    before: Callable[[], None] = lambda: None
    log: Path | None = None
    ends_by: signal.Signals = signal.SIGTERM
    user: str = "same"
    is_service: bool = False  # others need it, so it ends after them
    hands_on: Sequence[int] = ()
    defaults: dict[str, str] = field(default_factory=dict)  # for what the environment leaves open
    patience: float = 30.0  # seconds to become ready
    process: subprocess.Popen[bytes] = field(init=False)
    deaths: deque[float] = field(init=False, default_factory=deque)
    again_at: float | None = field(init=False, default=None)

    def start(self) -> None:
        """Start it in a session of its own: Ctrl-C is for the supervisor, who ends all in order."""
        self.before()
        self.again_at = None
        with contextlib.ExitStack() as stack:
            output = stack.enter_context(self.log.open("ab")) if self.log else subprocess.PIPE
            self.process = subprocess.Popen(
                child.command(*self.command, ends_by=self.ends_by, user=self.user),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=self.hands_on,
                env=self.defaults | os.environ,
            )
        if self.process.stdout:
            relay = (self.name, self.process.stdout)
            threading.Thread(target=_relay, args=relay, daemon=True).start()

    def wait_until_ready(self) -> None:
        """Return once it answers; say what it said if it ends instead."""
        until = time.monotonic() + self.patience
        while not self.ready():
            if self.process.poll() is not None:
                raise Refused(f"{self.name} did not start: it {self._end()}.{self._last_lines()}")
            if time.monotonic() > until:
                raise Refused(f"{self.name} did not answer in time.{self._last_lines()}")
            time.sleep(0.02)

    def look_after(self) -> None:
        """Notice a death; start again after a pause that grows while it keeps dying."""
        if self.process.poll() is None:
            return
        if self.again_at is None:
            self._count_death()
        elif time.monotonic() >= self.again_at:
            self.start()

    def ask_to_end(self) -> None:
        """Send the signal that it ends by."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(self.ends_by)

    def wait_until_ended(self) -> None:
        """Wait, not for ever, and leave nothing of it behind."""
        try:
            self.process.wait(GRACE)
        except subprocess.TimeoutExpired:
            print(f"enigm: {self.name} did not end in {GRACE:.0f} s; it is killed", flush=True)
        self._kill_group()
        self.process.wait()

    def _count_death(self) -> None:
        self._kill_group()
        now = time.monotonic()
        self.deaths.append(now)
        while self.deaths[0] < now - MINUTE:
            self.deaths.popleft()
        if len(self.deaths) > DEATHS_A_MINUTE:
            raise Refused(f"{self.name} keeps dying; the last time it {self._end()}."
                          f"{self._last_lines()}")  # fmt: skip
        self.again_at = now + FIRST_PAUSE * 2 ** (len(self.deaths) - 1)
        print(f"enigm: {self.name} {self._end()}; it is started again", flush=True)

    def _kill_group(self) -> None:
        """What a killed program leaves: workers that would hold its port or take its tasks."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def _end(self) -> str:
        code = self.process.returncode
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"

    def _last_lines(self) -> str:
        if not (self.log and self.log.exists()):
            return ""
        lines = self.log.read_text(errors="replace").splitlines()[-8:]
        return "\n".join([f" The end of {self.log}:", *lines])


def _relay(name: str, lines: IO[bytes]) -> None:
    with lines:
        for line in lines:
            if text := line.decode(errors="replace").rstrip():
                print(f"{name:>7} | {text}", flush=True)
