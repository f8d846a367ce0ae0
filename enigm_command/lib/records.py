"""The words of the register of records: what is kept, of what class, why, for whom, how long.

Each app says it of its own tables in its `records.py`, one line a column; `enigm_command.register`
joins them. A column that nobody has classified fails the tests, and so does a lifetime that nothing
enforces.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from django.db.models import Field, Model


class Class(StrEnum):
    """What a column holds, seen from whoever gets hold of a copy of it."""

    CIPHERTEXT = "ciphertext"
    SEALED = "sealed"
    HANDLE = "handle"
    KEYED_HASH = "keyed hash"
    COARSE_TIME = "coarse time"
    COUNT = "count"
    BILLING = "billing"
    PERSON = "person"
    OPERATIONAL = "operational"

    @property
    def meaning(self) -> str:
        """The same in a sentence."""
        return MEANINGS[self]


MEANINGS = {
    Class.CIPHERTEXT: "Encrypted on people's devices. No key to it is ever here.",
    Class.SEALED: "Encrypted here under the key of one server, or of the platform.",
    Class.HANDLE: "Stands for a person or device on one server; means nothing without its key.",
    Class.KEYED_HASH: "Can be recognised when it is shown again, and not be read.",
    Class.COARSE_TIME: "A time that is rounded, because nobody needs it more exactly.",
    Class.COUNT: "A number of things, or of bytes.",
    Class.BILLING: "What was bought, at what price, and whether it is paid.",
    Class.PERSON: "Says who somebody is, among those who sign in to this panel.",
    Class.OPERATIONAL: "What the service needs to find, order and do its work.",
}

ABOUT_PEOPLE = {  # even if only to whoever has a key
    Class.CIPHERTEXT,
    Class.SEALED,
    Class.HANDLE,
    Class.KEYED_HASH,
    Class.BILLING,
    Class.PERSON,
}


class Reader(StrEnum):
    """Who gets to see it, through the product."""

    PROGRAM = "nobody: only the program"
    HOLDER = "the account it belongs to"
    ADMINISTRATORS = "the server's administrators"
    OWNER = "the server's owner"
    DEVICES = "devices of its members"
    OPERATORS = "the platform's operators"
    PROVIDER = "the payment provider"
    EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long something is kept. `ended_by` names the sweeps and the acts that end it.

    With neither it is kept for good, which nothing may be that says something about a person.
    """

    words: str
    ended_by: tuple[str, ...] = ()


FOR_GOOD = Lifetime("as long as the service exists")


@dataclass(frozen=True, slots=True)
class Column:
    """One column; readers and lifetime are its table's unless it says otherwise."""

    kind: Class
    purpose: str
    readers: tuple[Reader, ...] | None = None
    kept: Lifetime | None = None


ciphertext = partial(Column, Class.CIPHERTEXT)
sealed = partial(Column, Class.SEALED)
handle = partial(Column, Class.HANDLE)
keyed_hash = partial(Column, Class.KEYED_HASH)
coarse_time = partial(Column, Class.COARSE_TIME)
count = partial(Column, Class.COUNT)
billing = partial(Column, Class.BILLING)
person = partial(Column, Class.PERSON)
operational = partial(Column, Class.OPERATIONAL)

LEASE = {  # of whatever is worked on by one process at a time
    "lease_until": operational("keeps two workers from doing the same", (Reader.PROGRAM,)),
    "fence": operational("stops a worker that was overtaken", (Reader.PROGRAM,)),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One column with all that is said of it, as pages and documents show it."""

    name: str
    kind: Class
    purpose: str
    readers: tuple[Reader, ...]
    kept: Lifetime


@dataclass(frozen=True, slots=True)
class Record:
    """One table: what its rows are, and each of its columns.

    `of_server` is the look-up that leads from a row to the server it belongs to, if it does. Rows
    that a server's administrators must not know of are not `counted` for them. A table that only
    the database itself uses has no model and goes by its name.
    """

    model: type[Model] | str
    title: str
    readers: tuple[Reader, ...]
    kept: Lifetime
    columns: dict[str, Column]
    of_server: str = ""
    counted: bool = True

    @property
    def table(self) -> str:
        """Its name in the database."""
        return self.model if isinstance(self.model, str) else self.model._meta.db_table

    @property
    def facts(self) -> Iterator[Fact]:
        """Its columns by their names in the database, with what each inherits of the table."""
        for field, column in self.columns.items():
            readers, kept = column.readers or self.readers, column.kept or self.kept
            yield Fact(self._name_of(field), column.kind, column.purpose, readers, kept)

    @property
    def about_people(self) -> list[Fact]:
        """Those of its columns that say something of somebody."""
        return [fact for fact in self.facts if fact.kind in ABOUT_PEOPLE]

    @property
    def exceptions(self) -> list[Fact]:
        """Those of them that are kept for another time than the row."""
        return [fact for fact in self.about_people if fact.kept != self.kept]

    def _name_of(self, field: str) -> str:
        if isinstance(self.model, str):
            return field
        found = self.model._meta.get_field(field)
        assert isinstance(found, Field), f"{field} is no column of {self.table}"
        return str(found.column)
