"""Questions to the database that are written once, and several values asked for in one of them.

Django takes longer to write a question of ten parts than PostgreSQL to answer it, and writes the
same for every page. So it is written once, with stand-ins for the keys that it is about. Only its
words are kept, never an answer; so what makes it may depend on nothing but its keys, and on those
only as values to compare with.
"""

from collections.abc import Callable, Iterable, Iterator
from copy import copy
from inspect import signature
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid4

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Func, Model, QuerySet, Value
from psycopg import Binary

M = TypeVar("M", bound=Model)
Key = UUID | bytes


def count(rows: QuerySet[Any]) -> QuerySet[Any]:
    """How many rows these are, as a row of its own."""
    return rows.order_by().values(count=Func("pk", function="COUNT"))


def some(rows: QuerySet[Any]) -> QuerySet[Any]:
    """True as a row of its own, if there are any of these."""
    return rows.order_by().values(some=Value(True))[:1]


class Question:
    """What several QuerySets find, each of which is one value.

    The keys are the parameters of the functions that make them.
    """

    def __init__(self, **parts: Callable[..., QuerySet[Any]]) -> None:
        self.parts = parts
        self.words = ""

    def ask(self, **keys: Key) -> dict[str, Any]:
        """The values by their names; None where there is no row."""
        if not self.words:
            self._write()
        with connection.cursor() as cursor:
            cursor.execute(self.words, tuple(_put(keys, self.values, self.stand_ins)))
            return dict(zip(self.parts, cursor.fetchone(), strict=True))

    def _write(self) -> None:
        made = [_made(part) for part in self.parts.values()]
        written = [rows.query.sql_with_params() for rows, _ in made]
        self.stand_ins = {id: name for _, stand_ins in made for id, name in stand_ins.items()}
        self.values = [value for _, values in written for value in values]
        self.words = f"SELECT {', '.join(f'({words})' for words, _ in written)}"


class Rows(Generic[M]):
    """The rows that one QuerySet finds. The keys are the parameters of what makes it."""

    def __init__(self, make: Callable[..., QuerySet[M]]) -> None:
        self.make = make
        self.compiler: Any = None

    def find(self, **keys: Key) -> list[M]:
        """The rows as its QuerySet would give them, in a list of the caller's own."""
        if self.compiler is None:
            self._write()
        values = tuple(_put(keys, self.values, self.stand_ins))
        compiler, query = copy(self.compiler), copy(self.query)
        compiler.connection = connections[DEFAULT_DB_ALIAS]  # each thread has its own
        compiler.as_sql = lambda: (self.words, values)
        query.get_compiler = lambda **_: compiler  # type: ignore[method-assign]
        return list(QuerySet(query.model, query))

    def _write(self) -> None:
        rows, self.stand_ins = _made(self.make)
        self.query = rows.query
        compiler = self.query.get_compiler(DEFAULT_DB_ALIAS)
        self.words, self.values = compiler.as_sql()
        self.compiler = compiler  # last: other threads look for it first


def _made(make: Callable[..., QuerySet[Any]]) -> tuple[QuerySet[Any], dict[UUID, str]]:
    """A QuerySet about stand-ins for its keys, and what each stands in for."""
    stand_ins = {uuid4(): name for name in signature(make).parameters}
    return make(**{name: stand_in for stand_in, name in stand_ins.items()}), stand_ins


def _put(keys: dict[str, Key], values: Iterable[Any], stand_ins: dict[UUID, str]) -> Iterator[Any]:
    """The values of a written question, each stand-in replaced by its key."""
    for value in values:
        stands_here = value.obj if isinstance(value, Binary) else value
        name = stand_ins.get(stands_here) if isinstance(stands_here, UUID) else None
        yield keys[name] if name else value
