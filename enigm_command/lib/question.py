"""Questions to the database that are written once, and several values asked for in one of them.

Django takes longer to write a question of ten parts than PostgreSQL to answer it, and writes the
same for every page. So it is written once, with stand-ins for the keys that it is about. Only its
words are kept, never an answer; so what makes it may depend on nothing but its keys, and on those
only as values to compare with.
"""

from collections.abc import Callable, Sequence
from copy import copy
from functools import cached_property
from inspect import signature
from typing import Any, Generic, NamedTuple, TypeVar
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

    def ask(self, **keys: Key) -> dict[str, Any]:
        """The values by their names; None where there is no row."""
        words, values = self._written
        with connection.cursor() as cursor:
            cursor.execute(words, values.put(keys))
            return dict(zip(self.parts, cursor.fetchone(), strict=True))

    @cached_property
    def _written(self) -> "tuple[str, _Values]":
        made = [_made(part) for part in self.parts.values()]
        written = [rows.query.sql_with_params() for rows, _ in made]
        stand_ins = {id: name for _, stand_ins in made for id, name in stand_ins.items()}
        values = [value for _, values in written for value in values]
        words = f"SELECT {', '.join(f'({words})' for words, _ in written)}"
        return words, _Values(values, stand_ins)


class Rows(Generic[M]):
    """The rows that one QuerySet finds. The keys are the parameters of what makes it."""

    def __init__(self, make: Callable[..., QuerySet[M]]) -> None:
        self.make = make

    def find(self, **keys: Key) -> list[M]:
        """The rows as its QuerySet would give them, in a list of the caller's own."""
        written, words, values = self._written
        asked, compiler = copy(written.query), copy(written)
        put = values.put(keys)
        compiler.connection = connections[DEFAULT_DB_ALIAS]  # each thread has its own
        compiler.as_sql = lambda: (words, put)
        asked.get_compiler = lambda **_: compiler
        return list(QuerySet(asked.model, asked))

    @cached_property
    def _written(self) -> "tuple[Any, str, _Values]":
        rows, stand_ins = _made(self.make)
        compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
        words, values = compiler.as_sql()
        return compiler, words, _Values(values, stand_ins)


class _Values(NamedTuple):
    """The values of a written question, and what stands among them for which key."""

    values: Sequence[Any]
    stand_ins: dict[UUID, str]

    def put(self, keys: dict[str, Key]) -> tuple[Any, ...]:
        """The values to ask with: each stand-in replaced by its key."""
        return tuple(self._put(value, keys) for value in self.values)

    def _put(self, value: Any, keys: dict[str, Key]) -> Any:
        stands_here = value.obj if isinstance(value, Binary) else value
        name = self.stand_ins.get(stands_here) if isinstance(stands_here, UUID) else None
        return keys[name] if name else value


def _made(make: Callable[..., QuerySet[Any]]) -> tuple[QuerySet[Any], dict[UUID, str]]:
    """A QuerySet about stand-ins for its keys, and what each stands in for."""
    stand_ins = {uuid4(): name for name in signature(make).parameters}
    return make(**{name: stand_in for stand_in, name in stand_ins.items()}), stand_ins
