"""Before a process begins: every key is there and fits, as does every bucket; or one line says
which does not. A bucket that is away for now is told of in the log, and stops nothing.

A wrong key found later would be worse than no start: names would read "unreadable", new values
would be sealed by a key that nobody keeps, and logs signed by a key that nobody knows.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from django.core.exceptions import ImproperlyConfigured

SAID_WHY = 4  # gunicorn would start a process again that ends with another number


@contextmanager
def or_one_line() -> Iterator[None]:
    """End the process in one line, not in a traceback, when a setting or a key is wrong."""
    try:
        yield
    except ImproperlyConfigured as wrong:
        print(f"enigm: {wrong}", file=sys.stderr, flush=True)
        sys.exit(SAID_WHY)


def before_serving() -> None:
    """ImproperlyConfigured unless every key is there and fits this installation's database."""
    from membership import keys

    before_working()
    keys.check()


def before_working() -> None:
    """The same, of the keys and buckets that workers and their clock use."""
    from audit import checkpoint, keys
    from content import blobs

    before_migrating()
    keys.check()
    blobs.check()
    _as_far_as_the_database_says(checkpoint.check)


def before_migrating() -> None:
    """The same, of the master keys alone."""
    from enigm_command.lib import ring, vault

    ring.check()
    _as_far_as_the_database_says(vault.check)


def _as_far_as_the_database_says(check: Callable[[], None]) -> None:
    """A database that is away, or was not migrated yet, is not the keys' fault."""
    from django.db import OperationalError, ProgrammingError, connections

    with suppress(OperationalError, ProgrammingError):
        check()
    connections.close_all()
