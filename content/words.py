"""What a scope reaches, in words for people who administer the server."""

from collections.abc import Iterable
from uuid import UUID

from enigm_command.lib.wording import utc
from membership import handles
from membership.models import Membership

from .scope import ANYONE, Kind, Scope


def describe(server_id: UUID, scopes: Iterable[Scope]) -> list[str]:
    """One phrase for each: "everything from M. Okafor". The names are read in one query."""
    chosen = list(scopes)
    names = _names(server_id, {scope.author for scope in chosen} - {ANYONE})
    return [_phrase(scope, names) for scope in chosen]


def _names(server_id: UUID, authors: set[UUID]) -> dict[UUID, str]:
    members = Membership.objects.of(server_id).filter(handle__in=authors)
    return {member.handle: member.shown_name for member in members}


def _phrase(scope: Scope, names: dict[UUID, str]) -> str:
    if scope.is_one_object:
        return "one object"
    age = f", older than {utc(scope.older_than)}" if scope.older_than else ""
    return _of_every_age(scope, names) + age


def _of_every_age(scope: Scope, names: dict[UUID, str]) -> str:
    what = Kind(scope.kind).label.lower() if scope.kind else "everything"
    if scope.author != ANYONE:
        return f"{what} from {_name(scope.author, names)}"
    return f"all {what}" if scope.kind else "everything on this server"


def _name(author: UUID, names: dict[UUID, str]) -> str:
    return names.get(author) or f"a former user, handle {handles.short(author)}"
