#!/usr/bin/env python3
"""Every command of Enigm Command. The first one run makes .venv; each has its services running."""

import os
import sys

from enigm_command import bootstrap
from enigm_command.devstack import paths


def main() -> None:
    """Run one command inside .venv."""
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    bootstrap.enter(*bootstrap.enough(command))
    if command == "test":
        os.environ.setdefault("ENIGM_STATE", str(paths.TEST_STATE))
    run(command)


def run(command: str) -> None:
    """Run it with its services; a wrong setting or a refusal is one line, not a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "enigm_command.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    from enigm_command.devstack import stack

    try:
        with stack.for_command(command):
            execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, stack.Refused) as refusal:
        sys.exit(f"enigm: {refusal}")


if __name__ == "__main__":
    main()
