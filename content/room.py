"""How much a server may hold. Operators set it; it follows from no plan, and nobody pays for it."""

from dataclasses import dataclass
from typing import Self
from uuid import UUID

from enigm_command.lib.wording import size

from .models import Gate, ObjectCount


class LessThanHeld(Exception):
    """The server holds more than this already: so small a room would be a restriction."""


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes that a server holds, as last counted, and may hold; `most` None is as many as come."""

    held: int
    most: int | None

    @classmethod
    def of(cls, server_id: UUID) -> Self:
        """One server's at this moment."""
        gate = Gate.objects.filter(pk=server_id)
        most = gate.values_list("room_bytes", flat=True).first()
        return cls(ObjectCount.objects.of(server_id).held(), most)

    @property
    def words(self) -> str:
        """How full it is: `12.4 GB of 50.0 GB`."""
        limit = f" of {size(self.most)}" if self.most else ", no limit"
        return size(self.held) + limit

    @property
    def is_full(self) -> bool:
        """Is nothing more taken in, however small?"""
        return self.most is not None and self.held >= self.most

    def resized(self, most: int | None) -> "Room":
        """The same with another limit; LessThanHeld for one that is exceeded already."""
        if most is not None and most < self.held:
            raise LessThanHeld
        return Room(self.held, most)
