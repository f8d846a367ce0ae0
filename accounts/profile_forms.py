"""What people change about their own account."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from accounts import passwords
from accounts.models import Account


class AddressForm(forms.Form):
    """An e-mail address, for notices and for nothing else."""

    address = forms.EmailField(
        label="E-mail",
        help_text="A link is mailed there. Nothing else is, before you have opened it.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": "Enter an e-mail address.",
            "invalid": "Enter an address such as name@example.org.",
        },
    )


class NewPasswordField(forms.CharField):
    """A password that is to be set. Whose it will be is known to the form."""

    def __init__(self) -> None:
        super().__init__(
            label="New password",
            strip=False,
            max_length=passwords.MOST,
            widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
            help_text="At least 12 characters. A few unrelated words are good.",
            error_messages={"required": "Choose a new password."},
        )


class PasswordForm(forms.Form):
    """The password of now, and the one to come."""

    current_password = forms.CharField(
        label="Current password",
        strip=False,
        max_length=passwords.MOST,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Enter the password you have now."},
    )
    new_password = NewPasswordField()

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account

    def clean_current_password(self) -> str:
        """It must be the right one."""
        current: str = self.cleaned_data["current_password"]
        if not self.account.check_password(current):
            raise forms.ValidationError("This is not your current password.")
        return current

    def clean_new_password(self) -> str:
        """Refuse what is short, common, or made of words that anybody would try."""
        new: str = self.cleaned_data["new_password"]
        validate_password(new, self.account)
        return new


class ClosingForm(forms.Form):
    """The username, typed: nobody closes an account by one slip."""

    username = forms.CharField(
        label="Type your username",
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
        error_messages={"required": "Type your username to confirm."},
    )

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account
        self.fields["username"].help_text = f"You are signed in as {account}."

    def clean_username(self) -> str:
        """As it stands on the page."""
        typed: str = self.cleaned_data["username"]
        if typed != self.account.username:
            raise forms.ValidationError("This is not your username.")
        return typed
