"""How the story is told on a terminal: a line for each step as it is taken, and all in a table."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .wire import Surprise

STEP, SECONDS = 64, 9


@dataclass(frozen=True, slots=True)
class Told:
    """One step that was taken: what it was, what was seen, and how long it took."""

    title: str
    seen: str
    seconds: float
    went_well: bool = True

    def __str__(self) -> str:
        return f"{self.row}  {self.seen}"

    @property
    def row(self) -> str:
        """The step in the columns of the table."""
        result = "ok" if self.went_well else "FAILED"
        return f"{result:<6}  {self.title:<{STEP}}{self.seconds:>{SECONDS - 2}.2f} s"


def tell(title: str, step: Callable[[], str]) -> Told:
    """Take one step and print what came of it. Whatever goes wrong in it is told, not raised."""
    began = time.monotonic()
    try:
        seen, went_well = step(), True
    except Surprise as surprise:
        seen, went_well = str(surprise), False
    except Exception as error:  # an answer of another form than the step could read
        seen, went_well = f"{type(error).__name__}: {error}", False
    told = Told(title, seen, time.monotonic() - began, went_well)
    print(told, flush=True)
    return told


def summary(told: Sequence[Told]) -> str:
    """All steps with their results and times, and the whole time."""
    line = "-" * (8 + STEP + SECONDS)
    good = sum(each.went_well for each in told)
    seconds = sum(each.seconds for each in told)
    total = Told(f"{good} of {len(told)} steps", "", seconds, good == len(told))
    head = f"{'result':<8}{'step':<{STEP}}{'time':>{SECONDS}}"
    return "\n".join([head, line, *(each.row for each in told), line, total.row])
