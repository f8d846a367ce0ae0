import signal
import subprocess
import sys

from django.core.management.base import BaseCommand

from enigm_command.devstack import chromium, stack

BROWSER = "--browser"
IN_BROWSER = ("-p", "tests.chromium", "-o", "python_files=browser_*.py")


class Command(BaseCommand):
    help = (
        "Run the tests on services of their own; --browser: those in a real Chromium, which are"
        " left out otherwise. What follows is pytest's: PATH, -k NAME, -x."
    )
    requires_system_checks = ()

    def run_from_argv(self, argv: list[str]) -> None:
        arguments = chosen(argv[2:])
        with stack.own("test", fast=True):
            signal.signal(signal.SIGINT, lambda *_: None)  # pytest gets it too, and ends by itself
            code = subprocess.call([sys.executable, "-m", "pytest", *arguments])
        sys.exit(code)


def chosen(arguments: list[str]) -> list[str]:
    """Which tests, as pytest takes it. Those in a browser are refused where there is none."""
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
