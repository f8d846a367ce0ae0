import signal
import subprocess
import sys

from django.core.management.base import BaseCommand

from enigm_command.devstack import stack


class Command(BaseCommand):
    help = "Run the tests on services of their own. What follows is pytest's: PATH, -k NAME, -x."
    requires_system_checks = ()

    def run_from_argv(self, argv: list[str]) -> None:
        with stack.own("test", fast=True):
            signal.signal(signal.SIGINT, lambda *_: None)  # pytest gets it too, and ends by itself
            arguments = [*in_parallel(argv[2:]), *argv[2:]]
            code = subprocess.call([sys.executable, "-m", "pytest", *arguments])
        sys.exit(code)


def in_parallel(arguments: list[str]) -> list[str]:
    """The whole suite runs on every processor, file by file; a selection in one process."""
    chosen = ("-n", "--numprocesses", "--pdb", "--requirements", "--collect-only")
    if any(each.startswith(chosen) or not each.startswith("-") for each in arguments):
        return []
    return ["-n", "auto", "--dist", "loadfile"]
