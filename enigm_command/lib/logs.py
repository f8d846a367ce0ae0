"""Log lines without identities: PostgreSQL's DETAIL prints the row that broke a rule."""

import logging
import re

ROW = re.compile(r"^(DETAIL|CONTEXT):.*(?:\n(?![A-Z]+:|Traceback|  File).*)*", re.MULTILINE)


class Scrubbed(logging.Formatter):
    """One plain line for each record, with the contents of rows taken out of it."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name}: {message}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        """The record as text; what the database said about a row's contents is left out."""
        return ROW.sub(r"\1: (left out)", super().format(record))
