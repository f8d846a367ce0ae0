import sys
from tempfile import TemporaryDirectory

from django.core.management.base import BaseCommand

from enigm_command.devstack import chromium, program, stack

BROWSER = "--browser"
IN_BROWSER = ("-p", "tests.chromium", "-o", "python_files=browser_*.py")
CRASH_POINTS = "--crash-points"
AT_CRASH_POINTS = ("-s", "-o", "django_debug_mode=keep", "-o", "python_files=crash_*.py")
EMBEDDED = {"DATABASE_URL": "", "DATABASE_OWNER_URL": "", "REDIS_URL": "", "DEBUG": "1"}


class Command(BaseCommand):
    help = (
        "Run the tests on services of their own; --browser: those in a real Chromium, which are"
        " left out otherwise; --crash-points: those that kill a worker at everything it does, on a"
        " whole product of their own. What follows is pytest's: PATH, -k NAME, -x."
    )
    requires_system_checks = ()

    def run_from_argv(self, argv: list[str]) -> None:
        arguments = chosen(argv[2:])
        sys.exit(at_crash_points(arguments) if CRASH_POINTS in argv else beside_services(arguments))


def beside_services(arguments: list[str]) -> int:
    """On services that start first and end last."""
    with stack.own("test", fast=True):
        return run(arguments)


def at_crash_points(arguments: list[str]) -> int:
    """They start and kill every process by themselves, on a state folder that goes with them."""
    with TemporaryDirectory(prefix="enigm-") as folder:
        return run(arguments, ENIGM_STATE=folder, **EMBEDDED)


def run(arguments: list[str], **environment: str) -> int:
    """Run pytest; its exit code."""
    return program.call(sys.executable, "-m", "pytest", *arguments, **environment)


def chosen(arguments: list[str]) -> list[str]:
    """Which tests, as pytest takes it. Those in a browser are refused where there is none."""
    if CRASH_POINTS in arguments:
        return [*AT_CRASH_POINTS, *(each for each in arguments if each != CRASH_POINTS)]
    if BROWSER not in arguments:
        return [*in_parallel(arguments), *arguments]
    chromium.needed()
    return [*IN_BROWSER, *(each for each in arguments if each != BROWSER)]


def in_parallel(arguments: list[str]) -> list[str]:
    """The whole suite runs on every processor, file by file; a selection in one process."""
    selecting = ("-n", "--numprocesses", "--pdb", "--requirements", "--collect-only")
    if any(each.startswith(selecting) or not each.startswith("-") for each in arguments):
        return []
    return ["-n", "auto", "--dist", "loadfile"]
