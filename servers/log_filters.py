"""Which entries of the log a page shows: chosen in its address, so that a view can be handed on."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils.http import urlencode

from audit.models import AuditEventQuerySet
from audit.sentences import ACTIONS
from audit.vocabulary import Capacity
from enigm_command.lib.widgets import LineInput, LongSelect

# Both are handed over by a function: Django copies a list for each form.
WORDS = [("", "Any"), *ACTIONS]
CAPACITIES = [("", "Anyone"), *Capacity.choices]
DAY = timedelta(days=1)


class LogFilters(forms.Form):
    """What, who, in what capacity and when. A name is found whole, by the mark of its seal."""

    name = forms.CharField(
        label="Who",
        required=False,
        max_length=60,
        widget=LineInput(attrs={"autocomplete": "off"}),
    )
    action = forms.ChoiceField(
        label="What", choices=lambda: WORDS, required=False, widget=LongSelect
    )
    capacity = forms.ChoiceField(
        label="Capacity", choices=lambda: CAPACITIES, required=False, widget=LongSelect
    )
    since = forms.DateField(
        label="From",
        required=False,
        widget=LineInput(attrs={"type": "date"}),
        error_messages={"invalid": "Enter “From” as a day, like 2026-11-22."},
    )
    until = forms.DateField(
        label="To",
        required=False,
        widget=LineInput(attrs={"type": "date"}),
        error_messages={"invalid": "Enter “To” as a day, like 2026-11-22."},
    )

    def clean(self) -> dict[str, Any]:
        """A period that ends before it begins would show nothing and not say why."""
        chosen = super().clean() or {}
        since, until = chosen.get("since"), chosen.get("until")
        if since and until and until < since:
            self.add_error("until", "“To” is before “From”: exchange them.")
        return chosen

    def apply(self, entries: AuditEventQuerySet, stream: UUID) -> AuditEventQuerySet:
        """The entries of this log that fit. A day is a UTC day, the last one included."""
        chosen = self.cleaned_data if self.is_valid() else {}
        if chosen.get("name"):
            entries = entries.by_name(stream, chosen["name"])
        conditions = {
            "filed_as": chosen.get("action"),
            "filed_by": chosen.get("capacity"),
            "filed_at__gte": _midnight(chosen.get("since")),
            "filed_at__lt": _midnight(chosen.get("until"), later=DAY),
        }
        return entries.filter(**{name: value for name, value in conditions.items() if value})

    @property
    def query(self) -> str:
        """These choices as the end of an address, without the empty ones."""
        chosen = {name: self.data.get(name) for name in self.fields}
        return urlencode({name: value for name, value in chosen.items() if value})


def _midnight(day: Any, later: timedelta = timedelta(0)) -> datetime | None:
    return datetime.combine(day, time(), UTC) + later if day else None
