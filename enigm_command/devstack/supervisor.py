"""Starts the programs of the stack in order, keeps them running, ends services last."""

import signal
import time
from types import FrameType
from typing import Self

from enigm_command.devstack.program import Program

EVERY = 0.2  # seconds between two looks
ENDS = (signal.SIGTERM, signal.SIGHUP)


class Supervisor:
    """Within its `with`, what was started runs. A closed terminal ends it as Ctrl-C does.

    The kernel ends a program when the thread that started it is gone, so all of it happens in one.
    """

    def __init__(self) -> None:
        self.programs: list[Program] = []

    def __enter__(self) -> Self:
        heard = [number for number in ENDS if signal.getsignal(number) is not signal.SIG_IGN]
        self.handlers = {number: signal.signal(number, _interrupt) for number in heard}
        return self

    def __exit__(self, *raised: object) -> None:
        """End everything. A second Ctrl-C does not cut this short: it would leave data unsaved."""
        meanwhile = signal.signal(signal.SIGINT, signal.SIG_IGN)
        for services in (False, True):
            wave = [each for each in self.programs if each.is_service is services]
            for program in wave:
                program.ask_to_end()
            for program in wave:
                program.wait_until_ended()
        for number, handler in {**self.handlers, signal.SIGINT: meanwhile}.items():
            signal.signal(number, handler)

    def start(self, program: Program) -> None:
        """Start one program; return when it answers."""
        program.start()
        self.programs.append(program)
        program.wait_until_ready()

    def look_after(self) -> None:
        """Start again what has died. Whoever refuses to live ends everything by `Refused`."""
        for program in self.programs:
            program.look_after()

    def watch(self) -> None:
        """Look after the programs until Ctrl-C."""
        while True:
            time.sleep(EVERY)
            self.look_after()


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
