"""Log lines without identities and secrets.

PostgreSQL's DETAIL prints the row that broke a rule; some addresses carry what only the app knows.
"""

import logging
import re

ROW = re.compile(r"^(DETAIL|CONTEXT):.*(?:\n(?![A-Z]+:|Traceback|  File).*)*", re.MULTILINE)
SECRET = re.compile(r"(/join-requests/|/account/email/)[\w.:-]{20,}")


class Scrubbed(logging.Formatter):
    """One plain line for each record, with rows' contents and secrets taken out of it."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name}: {message}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        """The record as text; what may not be kept is left out."""
        rowless = ROW.sub(r"\1: (left out)", super().format(record))
        return SECRET.sub(r"\1(left out)", rowless)
