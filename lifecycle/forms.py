"""What people fill in to hold a server back or to end it."""

from typing import Any

from django import forms

from accounts.forms import ConfirmingForm
from servers.models import Server

LONGEST_REASON = 280


class SuspensionForm(forms.Form):
    """Why, for whoever reads the log."""

    reason = forms.CharField(
        label="Reason",
        help_text="Other administrators read it in the log. It is stored sealed.",
        max_length=LONGEST_REASON,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class EndingForm(ConfirmingForm):
    """The server's name, typed, and a fresh factor: nobody ends a server by one slip."""

    name = forms.CharField(
        label="Type the server’s name",
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
        error_messages={"required": "Type the server’s name to confirm."},
    )

    def __init__(self, *args: Any, server: Server, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.server = server
        self.fields["name"].help_text = f"This server is called {server.name}."

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if name != self.server.name:
            raise forms.ValidationError("This is not the name of this server.")
        return name


class ServerDeletionForm(EndingForm):
    """The same, and whether a second administrator is asked to spare the delay."""

    at_once = forms.BooleanField(
        label="Ask a second administrator to have it destroyed at once",
        help_text="They confirm it with their own second factor. Until then the delay counts.",
        required=False,
    )
