"""How benchmarks measure, and how they show what they measured.

Machines are noisy and never the same. So what is compared runs in turns, several rounds of it; of
the rounds the median counts; and a target is a ratio where it can be one.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

ROUNDS = 5
Rounds = dict[str, list[float]]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number. A target bounds it from above or from below."""

    section: str
    what: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def is_missed(self) -> bool:
        """Whether there is a target, and this is not within it."""
        over = self.at_most is not None and self.value > self.at_most
        return over or (self.at_least is not None and self.value < self.at_least)

    @property
    def target(self) -> str:
        """The target in words; "" when there is none."""
        if self.at_most is not None:
            return f"≤ {shown(self.at_most)}"
        return f"≥ {shown(self.at_least)}" if self.at_least is not None else ""


# --- in turns -------------------------------------------------------------------------------------
def interleaved(cases: dict[str, Callable[[], float]], rounds: int = ROUNDS) -> Rounds:
    """Run each case once in every round, each time beginning with another one; what they gave."""
    found: Rounds = {name: [] for name in cases}
    names = list(cases)
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            found[name].append(cases[name]())
    return found


def medians(found: Rounds) -> dict[str, float]:
    """The median of each case."""
    return {name: median(values) for name, values in found.items()}


def overheads(found: Rounds, base: str) -> dict[str, float]:
    """By how much each case exceeds the base case of its own round: the median of that."""
    return {
        name: median(value - bare for value, bare in zip(values, found[base], strict=True))
        for name, values in found.items()
        if name != base
    }


def milliseconds(work: Callable[[], Any]) -> float:
    """How long it takes."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


class Ended(NamedTuple):
    """A program that ran: what it wrote, how long it took, and the most memory that it held."""

    output: str
    seconds: float
    megabytes: float


# A program that a large process starts counts that one's memory as its own; so a small one does.
STARTER = """
import json, resource, subprocess, sys, time
began = time.perf_counter()
ran = subprocess.run(sys.argv[1:], check=True, stdout=subprocess.PIPE, text=True)
seconds = time.perf_counter() - began
print(json.dumps([ran.stdout, seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss]))
"""


def program(*command: str) -> Ended:
    """Run a program, whose memory is then nobody else's; CalledProcessError when it fails."""
    started = [sys.executable, "-c", STARTER, *command]
    told = subprocess.run(started, check=True, stdout=subprocess.PIPE).stdout
    output, seconds, most = json.loads(told)
    return Ended(output, seconds, most / (2**20 if sys.platform == "darwin" else 2**10))


# --- the machine ----------------------------------------------------------------------------------
def machine(folder: Path) -> dict[str, Any]:
    """What the numbers depend on. `folder` lies on the disk that is tried."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory, 1),
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "fdatasync_per_second": round(syncs_per_second(folder)),
    }


def syncs_per_second(folder: Path, seconds: float = 1.0) -> float:
    """How often one page can be written and forced to the disk: what bounds commits."""
    sync = getattr(os, "fdatasync", os.fsync)  # macOS has only the other
    count, began = 0, time.perf_counter()
    with tempfile.TemporaryFile(dir=folder) as file:
        while (passed := time.perf_counter() - began) < seconds:
            os.pwrite(file.fileno(), bytes(8192), 0)
            sync(file.fileno())
            count += 1
    return count / passed


# --- showing --------------------------------------------------------------------------------------
def table(figures: Iterable[Figure]) -> str:
    """The figures as text, section by section."""
    figures = list(figures)
    width = max(len(figure.what) for figure in figures)
    lines = []
    for section, rows in groupby(figures, key=lambda figure: figure.section):
        lines += ["", section, *(_line(figure, width) for figure in rows)]
    return "\n".join(lines[1:])


def _line(figure: Figure, width: int) -> str:
    verdict = "missed" if figure.is_missed else "met" if figure.target else ""
    target = f"{figure.target:<9} {verdict}"
    return f"  {figure.what:<{width}} {shown(figure.value):>10} {figure.unit:<10} {target}".rstrip()


def shown(value: float) -> str:
    """A number with as many digits as say something."""
    if value == int(value) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def as_json(facts: dict[str, Any], figures: Iterable[Figure]) -> str:
    """The same for programs."""
    return json.dumps({"machine": facts, "figures": [asdict(each) for each in figures]}, indent=2)
