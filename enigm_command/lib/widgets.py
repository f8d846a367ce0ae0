"""Form controls that Django's own would draw too slowly."""

from functools import lru_cache
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.safestring import SafeString

from enigm_command.lib.markup import filled, filled_each

OPTION = '<option value="{}"{}>{}</option>'


class LineInput(forms.TextInput):
    """One line to fill in, written in one go: Django reads four templates for it."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """As Django does it."""
        says = {"type": self.input_type, "name": name, "value": self.format_value(value)}
        return filled("<input{}>", flatatt({**says, **self.attrs, **(attrs or {})}))


class LongSelect(forms.Select):
    """A choice of many, written in one go: Django reads two templates for each option."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """As Django does it, without groups."""
        options = _options(tuple(self.choices), *self.format_value(value))
        described = flatatt(self.build_attrs(self.attrs, {"name": name, **(attrs or {})}))
        return filled("<select{}>{}</select>", described, options)


@lru_cache(maxsize=64)
def _options(choices: tuple[tuple[str, str], ...], *chosen: str) -> SafeString:
    rows = (
        (code, SafeString(" selected") if str(code) in chosen else "", label)
        for code, label in choices
    )
    return filled_each(OPTION, rows)
