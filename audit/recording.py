"""The one door through which power is exercised.

What must never happen: an act without its entry, an entry without its act, or an act by someone
whose power has ended. What prevents it: the entry is appended by the database in the transaction of
the act; appending locks the server's stream, so acts on one server are one after the other until
commit; and only then is the warrant read again. (Locking the warrant first deadlocks two
administrators who remove each other; this way one wins and the other is refused.)
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from django.db import connection, transaction

from enigm_command.lib import vault

from . import private
from .authority import Authority, OutsideAuthority
from .vocabulary import Action, Capacity

PLATFORM = vault.PLATFORM


class HasId(Protocol):
    """Anything whose primary key is a stream's id: a server. This app knows no more of servers."""

    pk: UUID


@dataclass(slots=True)
class Entry:
    """What one event will say: `data` in public, `private` only as commitments."""

    data: dict[str, str | int | bool] = field(default_factory=dict)
    private: dict[str, str] = field(default_factory=dict)
    ends_warrant: bool = False  # the act itself takes the actor's power away
    seq: int | None = None


@contextmanager
def recording(action: Action, *, by: Authority, server: HasId | None) -> Iterator[Entry]:
    """Check the power, open the transaction, and append the entry with the act or not at all.

    `server` None writes the platform's own stream. Raises OutsideAuthority; a refusal of someone
    with standing on the server leaves one entry that says so.
    """
    stream = PLATFORM if server is None else server.pk
    entry = Entry()
    try:
        by.require(action, stream)
        with transaction.atomic(durable=True):
            yield entry
            entry.seq = _append(stream, action, entry, by)
            if not (entry.ends_warrant or by.stands()):
                raise OutsideAuthority("this power has ended")
    except OutsideAuthority:
        _record_refusal(stream, action, by)
        raise


def _record_refusal(stream: UUID, action: Action, by: Authority) -> None:
    """Outsiders leave nothing: nobody may fill a log that is not theirs."""
    if by.reaches(stream) and by.capacity != Capacity.SCHEDULE:
        with transaction.atomic(durable=True):
            _append(stream, action, Entry(data={"outcome": "refused"}), by)


def _append(stream: UUID, action: Action, entry: Entry, by: Authority) -> int:
    """Append to the stream, and for an operator's act on a server to the platform's too."""
    streams = {stream, PLATFORM} if by.capacity == Capacity.OPERATOR else {stream}
    appended = {each: _append_one(each, action, entry, by, stream) for each in sorted(streams)}
    return appended[stream]


def _append_one(stream: UUID, action: Action, entry: Entry, by: Authority, about: UUID) -> int:
    data = {"capacity": by.capacity.value, **entry.data}
    if stream != about:
        data["server"] = str(about)
    values = {"actor": by.name, **entry.private} if by.name else entry.private
    sealed = {name: private.commit(stream, name, value) for name, value in values.items()}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT audit_append(%s, %s, %s::jsonb, %s::jsonb)",
            [stream, action.value, json.dumps(data), json.dumps(sealed)],
        )
        seq: int = cursor.fetchone()[0]
        return seq
