"""What makes requests up, for the tests of `manage.py test --fuzz`. Nothing here installs it."""

from importlib.util import find_spec

from enigm_command.devstack import Refused


def needed() -> None:
    """Refuse in one line that says what is missing."""
    if find_spec("schemathesis") is None:
        raise Refused(
            "fuzzing needs Schemathesis: run"
            " `python3 enigm_command/bootstrap.py fuzz.txt` once, and this again."
        )
