"""What administrators fill in to keep content from everyone for a while."""

from typing import Any

from django import forms

from content.forms import ScopeForm
from enigm_command.lib.cards import CardLabel
from membership.forms import ReasonField, UntilField

REACHES = [
    ("member", CardLabel("One user", "What one person has sent, all of it or one kind.")),
    ("kind", CardLabel("One kind", "All messages, or all media, of everyone.")),
    ("everything", CardLabel("Everything", "All encrypted content of this server.")),
]


class WithheldScopeForm(ScopeForm):
    """What a withholding is to reach. A link can fill it in, as with a deletion."""

    object_id = older_than = None  # type: ignore[assignment]  # this is how a form drops fields
    reaches = forms.ChoiceField(
        label="What to withhold",
        choices=REACHES,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what to withhold."},
    )


class WithholdingForm(forms.Form):
    """Until when, and why."""

    until = UntilField(
        label="Release on",
        help_text="At 00:00 UTC of that day. Without a day, when an administrator releases it.",
    )
    reason = ReasonField(help_text="Other administrators read it. Leave out personal details.")

    def terms(self) -> dict[str, Any]:
        """What was filled in, as the act takes it."""
        return {"ends_at": self.cleaned_data["until"], "reason": self.cleaned_data["reason"]}
