"""What operators fill in before they act on a server."""

from datetime import datetime, timedelta

from django import forms

from enigm_command.lib import clock
from lifecycle.models import Grounds, Hold, Reason
from lifecycle.models.hold import LONGEST_HOLD, Wish
from lifecycle.models.records import LONGEST_REFERENCE


class GroundsForm(forms.Form):
    """On what an operator acts. The server's administrators read it."""

    reason = forms.ChoiceField(
        choices=[("", "Choose a reason"), *Reason.choices],
        help_text="Its administrators read it in their log. That nobody pays is no reason.",
        error_messages={"required": "Choose a reason."},
    )
    reference = forms.CharField(
        max_length=LONGEST_REFERENCE,
        help_text="The case it belongs to, for example a number. It is stored sealed.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Enter the case that it belongs to."},
    )

    @property
    def grounds(self) -> Grounds:
        """What was filled in, once it is valid."""
        return Grounds(Reason(self.cleaned_data["reason"]), self.cleaned_data["reference"])


class RoomForm(forms.Form):
    """How much a server may hold."""

    gigabytes = forms.IntegerField(
        label="Gigabytes",
        min_value=1,
        max_value=1_000_000,
        required=False,
        help_text="Leave it empty for no limit. It cannot be less than what the server holds.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"invalid": "Enter a whole number of gigabytes."},
    )
    reference = forms.CharField(
        max_length=LONGEST_REFERENCE,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="The case it belongs to, for example a number. It is stored sealed.",
        error_messages={"required": "Enter the case that it belongs to."},
    )

    @property
    def room_bytes(self) -> int | None:
        """What was filled in, once it is valid; None for no limit."""
        gigabytes: int | None = self.cleaned_data["gigabytes"]
        return gigabytes * 10**9 if gigabytes else None


class HoldForm(forms.Form):
    """What is to be kept, why, and how long at most."""

    category = forms.ChoiceField(
        choices=[("", "Choose a category"), *Hold.Category.choices],
        help_text="Its administrators see the category and the day, unless it is confidential.",
        error_messages={"required": "Choose a category."},
    )
    reason = forms.CharField(
        max_length=280,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="Operators read it. It is stored sealed.",
        error_messages={"required": "Enter why it is held."},
    )
    reference = forms.CharField(
        max_length=LONGEST_REFERENCE,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Enter the case that it belongs to."},
    )
    until = forms.DateTimeField(
        label="Until the end of",
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="A day, within a year. A hold can be placed anew.",
        error_messages={"required": "Enter a day.", "invalid": "Enter a day such as 2027-01-31."},
    )
    confidential = forms.BooleanField(
        label="Confidential",
        help_text="It enters the server’s log only when it is lifted.",
        required=False,
    )

    def clean_until(self) -> datetime:
        """The end of that day, UTC: later than now, and within what a hold may last."""
        end: datetime = self.cleaned_data["until"] + timedelta(days=1)
        if not clock.now() < end < clock.now() + LONGEST_HOLD:
            raise forms.ValidationError("Choose a day from today on, within a year.")
        return end

    @property
    def wish(self) -> Wish:
        """What was filled in, once it is valid."""
        return Wish(**self.cleaned_data)
