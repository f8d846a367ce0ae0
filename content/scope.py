"""What an order reaches: one object, one kind, one member, one member's kind, or everything; all of
it, or only what is older than some moment."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import models

# "Any" is a value and not NULL: `author IN (any, mine)` is one index condition, NULL is not.
ANYONE = UUID(int=0)
ANYTHING = UUID(int=0)
ANY_KIND = ""


class Kind(models.TextChoices):
    """What the app says an object is. The server could not tell: it cannot read it."""

    MESSAGE = "message", "Messages"
    MEDIA = "media", "Media"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Chosen in a form, shown in a review, and kept in the order that was placed.

    `older_than` is no filter: it is the cutoff of the order, which reaches no further than that.
    """

    author: UUID = ANYONE
    kind: str = ANY_KIND
    object_id: UUID = ANYTHING
    expires_on: date | None = None  # the partition of that one object
    older_than: datetime | None = None  # None: of every age

    @property
    def is_everything(self) -> bool:
        """Everyone's, of every kind, if only from some age on."""
        return replace(self, older_than=None) == EVERYTHING

    @property
    def is_one_object(self) -> bool:
        return self.object_id != ANYTHING

    @property
    def code(self) -> str:
        """The scope's name where words would be too many: in the log and in receipts."""
        if self.is_one_object:
            return "object"
        named = ["member"] * (self.author != ANYONE) + ["kind"] * (self.kind != ANY_KIND)
        return "_".join(named + ["older"] * (self.older_than is not None)) or "everything"

    def cutoff(self, at: datetime) -> datetime:
        """Up to when an order of this moment reaches."""
        return min(self.older_than, at) if self.older_than else at

    def as_filters(self) -> dict[str, Any]:
        """As conditions on objects."""
        if self.is_one_object:
            return {"expires_on": self.expires_on, "id": self.object_id}
        chosen = {"author": self.author, "kind": self.kind}
        return {name: value for name, value in chosen.items() if value not in (ANYONE, ANY_KIND)}


EVERYTHING = Scope()
