import sys
from collections.abc import Callable
from tempfile import TemporaryDirectory
from typing import NamedTuple

from django.core.management.base import BaseCommand

from enigm_command.devstack import chromium, fuzzer, program, stack, swift

EMBEDDED = {"DATABASE_URL": "", "DATABASE_OWNER_URL": "", "REDIS_URL": "", "DEBUG": "1"}


def run(*arguments: str, **environment: str) -> int:
    """Run pytest; its exit code."""
    return program.call(sys.executable, "-m", "pytest", *arguments, **environment)


def beside_services(*arguments: str) -> int:
    """On services that start first and end last."""
    with stack.own("test", fast=True):
        return run(*arguments)


def alone(*arguments: str) -> int:
    """They start and end every process by themselves, on a state folder that goes with them."""
    with TemporaryDirectory(prefix="enigm-") as folder:
        return run(*arguments, ENIGM_STATE=folder, **EMBEDDED)


class Apart(NamedTuple):
    """Tests that are left out otherwise: their files, what they need, and how they are run."""

    files: str
    more: tuple[str, ...] = ()
    needed: Callable[[], None] = lambda: None
    run: Callable[..., int] = beside_services
    has_numbers: bool = False  # then pytest is told the flag too, by an option of that name


WHOLE = ("-s", "-o", "django_debug_mode=keep")
ABOUT_BODIES = "content_api intake purge own_deletions expiry ranges reconciliation"
ON_S3 = " ".join(["s3_*.py", *(f"test_{name}.py" for name in ABOUT_BODIES.split())])
APART = {
    "--browser": Apart("browser_*.py story_*.py", ("-p", "tests.chromium"), chromium.needed),
    "--chaos": Apart(
        "chaos_*.py", (*WHOLE, "-p", "tests.crash.options"), run=alone, has_numbers=True
    ),
    "--crash-points": Apart("crash_*.py", WHOLE, run=alone),
    "--flood": Apart("flood_*.py"),
    "--fuzz": Apart("fuzz_*.py", needed=fuzzer.needed),
    "--s3": Apart(ON_S3, ("-p", "tests.buckets"), swift.needed),
}


class Command(BaseCommand):
    help = (
        "Run the tests on services of their own. Instead of them: --browser, those in a real"
        " Chromium; --chaos N [--seed S], N rounds in which anything of a whole product dies at any"
        " time; --crash-points, those that kill a worker at everything it does; --flood, ten"
        " thousand requests to join; --fuzz, made-up requests to the app API; --s3, those about"
        " stored bodies, on buckets of a real S3 server. What follows is pytest's: PATH, -k NAME."
    )
    requires_system_checks = ()

    def run_from_argv(self, argv: list[str]) -> None:
        call, arguments = chosen(argv[2:])
        sys.exit(call(*arguments))


def chosen(arguments: list[str]) -> tuple[Callable[..., int], list[str]]:
    """What runs them, and as pytest takes them; Refused where what they need is missing."""
    for flag, tests in APART.items():
        if flag in arguments:
            tests.needed()
            rest = [each for each in arguments if each != flag or tests.has_numbers]
            return tests.run, [*tests.more, "-o", f"python_files={tests.files}", *rest]
    return beside_services, [*in_parallel(arguments), *arguments]


def in_parallel(arguments: list[str]) -> list[str]:
    """The whole suite runs on every processor; a selection in one process."""
    selecting = ("-n", "--numprocesses", "--pdb", "--requirements", "--collect-only")
    if any(each.startswith(selecting) or not each.startswith("-") for each in arguments):
        return []
    return ["-n", "auto", "--dist", "worksteal"]
