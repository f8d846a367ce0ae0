"""What administrators fill in about people: whom they picked, and how long to keep them out."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms

from enigm_command.lib import clock
from enigm_command.lib.cards import CardLabel
from enigm_command.lib.text import Unprintable, clean_line
from membership.models.blocks import LONGEST_REASON
from servers.edge import ServerRequest

FARTHEST = timedelta(days=5 * 365)


def picked(request: ServerRequest, *, at_most: int) -> list[UUID]:
    """The ids that were ticked in a list; what is no id picks nothing."""
    found = []
    for text in request.POST.getlist("pick")[:at_most]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


class UntilField(forms.DateField):
    """A day to come, at whose beginning (UTC) something ends."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"})
        super().__init__(**{"required": False, "widget": widget, **kwargs})

    def clean(self, value: Any) -> datetime | None:
        """The moment at which that day begins."""
        day: date | None = super().clean(value)
        if day is None:
            return None
        today = clock.now().date()
        if not today < day <= today + FARTHEST:
            raise forms.ValidationError("Choose a day to come, within five years.")
        return datetime.combine(day, time.min, UTC)


class ReasonField(forms.CharField):
    """One line of text that only administrators read."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"autocomplete": "off"})
        fixed = {"label": "Reason", "max_length": LONGEST_REASON, "required": False}
        super().__init__(**{**fixed, "widget": widget, **kwargs})

    def clean(self, value: Any) -> str:
        """The line, without characters that cannot be seen."""
        try:
            return clean_line(super().clean(value))
        except Unprintable as error:
            raise forms.ValidationError(str(error)) from error


LASTING = [
    ("later", CardLabel("After a date", "They can ask again from that day on.")),
    ("never", CardLabel("Never", "Until an administrator lifts the block.")),
]
NO_DAY = "Choose the day from which they may ask again."


class BlockForm(forms.Form):
    """How long somebody is kept from asking again, and why."""

    use_required_attribute = False
    asking = forms.ChoiceField(
        label="When may they ask to join again?",
        choices=LASTING,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose when they may ask again."},
    )
    until = UntilField(label="From this day", help_text="If after a date.")
    reason = ReasonField(help_text="Stored encrypted, for the other administrators.")

    def clean(self) -> dict[str, Any]:
        """With "never", `until` is None whatever was typed there."""
        cleaned = super().clean() or {}
        if cleaned.get("asking") != "later":
            cleaned["until"] = None
        elif "until" not in self.errors and not cleaned.get("until"):
            self.add_error("until", NO_DAY)
        return cleaned
