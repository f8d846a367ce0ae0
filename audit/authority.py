"""Who acts, in what capacity, over which server, and by which row."""

from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Model

from .vocabulary import POWERS, Action, Capacity

Statement = tuple[str, list[Any]]  # SQL, and its values


class OutsideAuthority(PermissionDenied):
    """The act lies outside the actor's power, or the power ended while it was being used."""


@dataclass(frozen=True, slots=True)
class Authority:
    """Minted once at the edge of the system and handed to every act.

    `warrant` is the row that is the power (an Administrator, a Membership, an Operator): while it
    stands the power stands. `server_id` None reaches every server, or none in particular.
    """

    capacity: Capacity
    name: str = ""
    actor: UUID | None = None
    server_id: UUID | None = None
    warrant: Model | None = None

    def reaches(self, server_id: UUID) -> bool:
        """True when this authority has standing on the server."""
        return self.server_id in (None, server_id)

    def require(self, action: Action, server_id: UUID) -> None:
        """OutsideAuthority unless the vocabulary gives this act to this capacity, here."""
        if self.capacity not in POWERS[action] or not self.reaches(server_id):
            raise OutsideAuthority(f"{self.capacity} may not: {action}")

    def standing(self) -> Statement:
        """Finds a row while the power stands. To be asked in each act, never remembered."""
        if self.warrant is None:
            return "SELECT 1", []
        return _find(type(self.warrant)), [self.warrant.pk]


@cache
def _find(power: type[Model]) -> str:
    """Written once: to build it again in each act takes Django longer than the answer does."""
    table, key = power._meta.db_table, power._meta.pk.column
    return f'SELECT 1 FROM "{table}" WHERE "{key}" = %s'  # noqa: S608  # names, not values


SCHEDULE = Authority(Capacity.SCHEDULE)
