"""Several values in one question to the database: a page that shows ten of them asks once.

Django takes longer to write a question of ten parts than PostgreSQL to answer it, and writes the
same for every page. So it is written once, with stand-ins for the keys that it is about.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import Func, QuerySet, Value


def count(rows: QuerySet[Any]) -> QuerySet[Any]:
    """How many rows these are, as a row of its own."""
    return rows.order_by().values(count=Func("pk", function="COUNT"))


def some(rows: QuerySet[Any]) -> QuerySet[Any]:
    """True as a row of its own, if there are any of these."""
    return rows.order_by().values(some=Value(True))[:1]


class Question:
    """What several QuerySets find, each of which is one value and made by a function of `keys`.

    Only the words of the question are kept, never an answer; so a function may depend on nothing
    but its keys, and on those only as values to compare with.
    """

    def __init__(self, *keys: str, **parts: Callable[..., QuerySet[Any]]) -> None:
        self.stand_ins = {uuid4(): name for name in keys}
        self.parts = parts
        self.words = ""
        self.values: list[Any] = []

    def ask(self, **keys: UUID) -> dict[str, Any]:
        """The values by their names; None where there is no row."""
        if not self.words:
            self._write()
        with connection.cursor() as cursor:
            cursor.execute(self.words, [self._value(each, keys) for each in self.values])
            return dict(zip(self.parts, cursor.fetchone(), strict=True))

    def _value(self, value: Any, keys: dict[str, UUID]) -> Any:
        name = self.stand_ins.get(value) if isinstance(value, UUID) else None
        return keys[name] if name else value

    def _write(self) -> None:
        keys = {name: stand_in for stand_in, name in self.stand_ins.items()}
        written = [part(**keys).query.sql_with_params() for part in self.parts.values()]
        self.values = [value for _, values in written for value in values]
        self.words = f"SELECT {', '.join(f'({words})' for words, _ in written)}"
