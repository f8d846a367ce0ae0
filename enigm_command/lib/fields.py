"""Columns encrypted under their scope's key: opened only when read, found only by whole words."""

import re
import unicodedata
from typing import Any, Self, cast
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import FieldError
from django.db import models

from . import vault

UNREADABLE = "unreadable"


class Sealed(bytes):
    """What stands in the database, as opposed to text that is yet to be sealed."""


class OpensWhenRead:
    """The attribute of a sealed column: text goes in, text comes out, ciphertext lies between."""

    def __init__(self, field: "SealedText") -> None:
        self.field = field

    def __get__(self, row: models.Model | None, owner: type[models.Model]) -> Self | str | None:
        if row is None:
            return self
        if self.field.attname not in row.__dict__:
            row.refresh_from_db(fields=[self.field.attname])
        return self.field.opened(row, row.__dict__[self.field.attname])

    def __set__(self, row: models.Model, value: str | bytes | None) -> None:
        row.__dict__[self.field.attname] = value


class SealedText(models.BinaryField):
    """Text sealed under the scope that `scope` names: an attribute of the row, or a fixed uuid.

    The row's id is part of the seal, so the model needs a UUID key that Python makes. A value that
    does not open reads as UNREADABLE: a page with one lost name is better than no page. Nothing can
    be looked up by it, and `update()` may only empty it.
    """

    descriptor_class = OpensWhenRead
    _pyi_private_set_type: str  # what the type checker is told
    _pyi_private_get_type: str  # type: ignore[assignment]

    def __init__(self, *args: Any, scope: str | UUID = "server_id", **kwargs: Any) -> None:
        self.scope = scope
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "scope": self.scope}

    def opened(self, row: models.Model, value: str | bytes | None) -> str | None:
        """The text of one row's value."""
        if not isinstance(value, Sealed):
            return value  # type: ignore[return-value]
        try:
            return vault.unseal(self._scope_of(row), self._place(row), value)
        except vault.Unreadable:
            return UNREADABLE

    def pre_save(self, model_instance: models.Model, add: bool) -> Sealed | None:
        value = model_instance.__dict__[self.attname]
        if isinstance(value, str):
            scope, place = self._scope_of(model_instance), self._place(model_instance)
            return Sealed(vault.seal(scope, place, value))
        return cast(Sealed | None, value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is not None and not isinstance(value, Sealed):
            raise FieldError(f"{self.name} is sealed row by row: set it on a row and save that.")
        return super().get_db_prep_value(value, connection, prepared)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Sealed | None:
        return None if value is None else Sealed(value)

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is sealed: nothing can be looked up by it.")
        return super().get_lookup(lookup_name)

    def _scope_of(self, row: models.Model) -> UUID:
        return self.scope if isinstance(self.scope, UUID) else getattr(row, self.scope)

    def _place(self, row: models.Model) -> str:
        return f"{row._meta.db_table}.{self.column}|{row.pk}"


class WordMarks(ArrayField):
    """A blind index: a mark for each word of the sealed column that `of` names, made as it is kept.

    Whoever has the scope's key finds rows by whole words; to anyone else the marks say nothing.
    """

    def __init__(self, *, of: str, scope: str = "server_id") -> None:
        self.of, self.scope = of, scope
        super().__init__(models.UUIDField(), default=list, editable=False)

    def deconstruct(self) -> Any:
        name, path, _, _ = super().deconstruct()
        return name, path, (), {"of": self.of, "scope": self.scope}

    def pre_save(self, model_instance: models.Model, add: bool) -> list[UUID]:
        made = marks(getattr(model_instance, self.scope), getattr(model_instance, self.of) or "")
        setattr(model_instance, self.attname, made)
        return made


def marks(scope: UUID, text: str) -> list[UUID]:
    """The marks of a text's words, whatever their case and order: for a filter, all must stand."""
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())
    return sorted({UUID(bytes=vault.index(scope, f"word:{word}")) for word in words})
