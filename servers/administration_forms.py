"""What people fill in about who administers a server and who owns it."""

from typing import Any

from django import forms

from accounts.forms import ConfirmingForm
from accounts.recovery_forms import TypedCodeField
from enigm_command.lib.text import Unprintable, clean_line
from servers.models.invitation import CODE


class LabelField(forms.CharField):
    """What the administrators call somebody whom they invite."""

    def __init__(self) -> None:
        super().__init__(
            label="Whom is it for?",
            help_text=(
                "A name by which you and the other administrators know this invitation. It is"
                " stored encrypted, and the person does not see it."
            ),
            max_length=60,
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
            error_messages={"required": "Enter whom the invitation is for."},
        )

    def clean(self, value: Any) -> str:
        """One line, without characters that cannot be seen."""
        try:
            return clean_line(super().clean(value))
        except Unprintable as error:
            raise forms.ValidationError(str(error)) from error


class InvitationForm(forms.Form):
    """Somebody is to administer the server too."""

    label = LabelField()


class OwnerInvitationForm(ConfirmingForm):
    """Somebody who does not administer the server yet is to own it."""

    label = LabelField()
    field_order = ("label", "code")


class InvitationCodeForm(forms.Form):
    """The code of an invitation, from paper or by telephone."""

    code = TypedCodeField(CODE)


class AcceptanceForm(ConfirmingForm):
    """A yes to the power and to the responsibility that comes with it."""

    accepts = forms.BooleanField(
        label="I accept this responsibility",
        error_messages={"required": "Accept the responsibility to go on."},
    )
    field_order = ("accepts", "code")
