"""The one door through which power is exercised.

What must never happen: an act without its entry, an entry without its act, or an act by someone
whose power has ended. What prevents it: the entry is appended by the database in the transaction of
the act; appending locks the server's stream, so acts on one server are one after the other until
commit; and only then is the warrant read again. (Locking the warrant first deadlocks two
administrators who remove each other; this way one wins and the other is refused.)
"""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from django.db import Error, connection, transaction
from psycopg.errors import ObjectNotInPrerequisiteState

from enigm_command.lib import vault
from enigm_command.lib.problems import Problem

from . import private
from .authority import Authority, OutsideAuthority, Statement
from .vocabulary import Action, Capacity

PLATFORM = vault.PLATFORM
APPEND = "SELECT audit_append(%s, %s, %s::jsonb, %s::jsonb)"

log = logging.getLogger(__name__)


class Unrecorded(Problem):
    """The log did not take the entry, so the act did not happen."""

    def __init__(self) -> None:
        detail = "The audit log could not be written, so nothing was done. Try again in a moment."
        super().__init__(503, "unrecorded", detail, headers={"Retry-After": "30"})


class Closed(Problem):
    """The server was deleted: its log has its last entry, so nothing more can be done there."""

    def __init__(self) -> None:
        super().__init__(410, "server_deleted", "This server was deleted. Nothing was done.")


class HasId(Protocol):
    """Anything whose primary key is a stream's id: a server. This app knows no more of servers."""

    pk: UUID


@dataclass(slots=True)
class Entry:
    """What one event will say: `data` in public, `private` only as commitments."""

    data: dict[str, str | int | bool] = field(default_factory=dict)
    private: dict[str, str] = field(default_factory=dict)
    also: list[HasId] = field(default_factory=list)  # in their logs too, without the actor's name
    ends_warrant: bool = False  # the act itself takes the actor's power away
    seq: int | None = None


@contextmanager
def recording(action: Action, *, by: Authority, server: HasId | None) -> Iterator[Entry]:
    """Check the power, open the transaction, and append the entry with the act or not at all.

    `server` None writes the platform's own stream. Raises Unrecorded, Closed, and OutsideAuthority:
    such a refusal of someone with standing on the server leaves one entry that says so.
    """
    stream = PLATFORM if server is None else server.pk
    entry = Entry()
    try:
        by.require(action, stream)
        with transaction.atomic(durable=True):
            yield entry
            entry.seq, stands = _append(stream, action, entry, by)
            if not (stands or entry.ends_warrant):
                raise OutsideAuthority("this power has ended")
    except OutsideAuthority:
        record_refusal(action, by=by, server=server)
        raise
    except vault.Unreadable as destroyed:  # the server's key went with it
        raise Closed from destroyed


def record_refusal(action: Action, *, by: Authority, server: HasId | None, why: str = "") -> None:
    """Say in the log that somebody tried this act and was refused; `why`, unless it was for power.

    Outsiders leave nothing: nobody may fill a log that is not theirs. A closed log takes nothing.
    """
    stream = PLATFORM if server is None else server.pk
    if by.reaches(stream) and by.capacity != Capacity.SCHEDULE:
        reason = {"why": why} if why else {}
        with suppress(Closed, vault.Unreadable), transaction.atomic(durable=True):
            _append(stream, action, Entry(data={"outcome": "refused", **reason}), by)


def _append(stream: UUID, action: Action, entry: Entry, by: Authority) -> tuple[int, bool]:
    """The number of the entry in the stream, and whether the actor's power stands once it is there.

    An operator's act on a server is appended to the platform's stream too.
    """
    logs = {stream, *(other.pk for other in entry.also)}
    streams = sorted(logs | {PLATFORM} if by.capacity == Capacity.OPERATOR else logs)
    appends = [_appending(each, action, entry, by, about=stream) for each in streams]
    *numbers, warrant = _answers([*appends, by.standing()])
    return numbers[streams.index(stream)][0], bool(warrant)


def _appending(stream: UUID, action: Action, entry: Entry, by: Authority, about: UUID) -> Statement:
    data = {"capacity": by.capacity.value, **entry.data}
    if stream == PLATFORM != about:
        data["server"] = str(about)
    named = by.name and stream in (about, PLATFORM)
    values = {"actor": by.name, **entry.private} if named else entry.private
    sealed = {name: private.commit(stream, name, value) for name, value in values.items()}
    return APPEND, [stream, action.value, json.dumps(data), json.dumps(sealed)]


def _answers(statements: list[Statement]) -> list[Any]:
    """The row that each statement finds, if any.

    One message for all: it costs more than what is asked. They still run one after the other, and
    each sees what was committed before it began.
    """
    values = [value for _, values in statements for value in values]
    try:
        with connection.cursor() as cursor:
            cursor.execute("; ".join(query for query, _ in statements), values)
            return [found.fetchone() for found in cursor.results()]
    except Error as error:
        if isinstance(error.__cause__, ObjectNotInPrerequisiteState):
            raise Closed from error
        log.error("an entry was not written: %s", type(error.__cause__).__name__)
        raise Unrecorded from error
